<?php
// This file is part of Moodle - https://moodle.org/
//
// Moodle is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.
//
// Moodle is distributed in the hope that it will be useful,
// but WITHOUT ANY WARRANTY; without even the implied warranty of
// MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
// GNU General Public License for more details.
//
// You should have received a copy of the GNU General Public License
// along with Moodle.  If not, see <https://www.gnu.org/licenses/>.

/**
 * Answers given in attempts.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

/**
 * Answers of many attempts at once.
 */
final class responses {
    /** How many usages one statement names. */
    private const PART = 500;

    /**
     * The most that could be had in each usage.
     *
     * @param array $usages
     * @return array usage => float
     */
    public static function maxmarks(array $usages): array {
        global $DB;
        $found = [];
        foreach (array_chunk($usages, self::PART) as $part) {
            [$in, $params] = $DB->get_in_or_equal($part);
            $found += $DB->get_records_sql_menu(
                "SELECT questionusageid, SUM(maxmark) FROM {question_attempts} WHERE questionusageid $in GROUP BY questionusageid",
                $params,
            );
        }
        return array_map('floatval', $found);
    }

    /**
     * The answers of each usage, by slot.
     *
     * @param array $usages
     * @return array usage => list
     */
    public static function of(array $usages): array {
        $found = [];
        foreach (array_chunk($usages, self::PART) as $part) {
            foreach (self::rows($part) as $row) {
                $found[$row->usage][] = self::response($row);
            }
        }
        return $found;
    }

    /**
     * The rows of some usages. The last step holds the state; the last step of the person, the time of the answer.
     *
     * @param array $usages
     * @return iterable
     */
    private static function rows(array $usages): iterable {
        global $DB;
        [$in, $params] = $DB->get_in_or_equal($usages, SQL_PARAMS_NAMED);
        [$inner, $more] = $DB->get_in_or_equal($usages, SQL_PARAMS_NAMED);
        return $DB->get_recordset_sql(
            "SELECT qa.id, qa.questionusageid AS usage, qa.slot, qa.questionid, qa.maxmark, qa.responsesummary, qa.rightanswer,
                    qv.version, qv.questionbankentryid AS entryid, qbe.idnumber, step.state, step.fraction,
                    last.answered, last.shown
               FROM {question_attempts} qa
               JOIN (SELECT s.questionattemptid, MAX(s.sequencenumber) AS sequencenumber,
                            MAX(CASE WHEN s.state IN ('complete', 'invalid') THEN s.timecreated ELSE 0 END) AS answered,
                            MAX(s.timecreated) AS shown
                       FROM {question_attempts} a
                       JOIN {question_attempt_steps} s ON s.questionattemptid = a.id
                      WHERE a.questionusageid $inner
                   GROUP BY s.questionattemptid) last ON last.questionattemptid = qa.id
               JOIN {question_attempt_steps} step ON step.questionattemptid = qa.id AND step.sequencenumber = last.sequencenumber
          LEFT JOIN {question_versions} qv ON qv.questionid = qa.questionid
          LEFT JOIN {question_bank_entries} qbe ON qbe.id = qv.questionbankentryid
              WHERE qa.questionusageid $in
           ORDER BY qa.questionusageid, qa.slot",
            $params + $more,
        );
    }

    /**
     * An answer as it is answered.
     *
     * @param \stdClass $row
     * @return array
     */
    private static function response(\stdClass $row): array {
        return [
            'slot' => (int) $row->slot,
            'idnumber' => (string) $row->idnumber,
            'entryid' => (int) $row->entryid,
            'questionid' => (int) $row->questionid,
            'version' => (int) $row->version,
            'state' => $row->state,
            'mark' => $row->fraction === null ? null : (float) $row->fraction * (float) $row->maxmark,
            'maxmark' => (float) $row->maxmark,
            'response' => trim((string) $row->responsesummary),
            'rightanswer' => trim((string) $row->rightanswer),
            'time' => (int) ($row->answered ?: $row->shown),
        ];
    }
}
