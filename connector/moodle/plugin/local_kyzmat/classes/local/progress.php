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
 * How a test goes.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use stdClass;

/**
 * Everyone who may enter, with their latest attempt.
 */
final class progress {
    /** States of Moodle that have another name in the contract. */
    private const STATES = ['' => 'notstarted', 'abandoned' => 'finished', 'submitted' => 'finished'];

    /**
     * Progress of a test.
     *
     * @param stdClass $cm
     * @return array
     */
    public static function of(stdClass $cm): array {
        global $DB;
        $rows = self::rows($cm);
        $work = self::work(array_filter(array_column($rows, 'usage')));
        $questions = $DB->count_records('quiz_slots', ['quizid' => $cm->instance]);
        $counts = array_fill_keys(['notstarted', 'inprogress', 'overdue', 'finished'], 0);
        $people = [];
        foreach ($rows as $row) {
            $state = self::STATES[(string) $row->state] ?? $row->state;
            $counts[$state]++;
            $done = $work[$row->usage] ?? null;
            $people[] = [
                'useridnumber' => results::person((int) $row->userid, $row->idnumber),
                'state' => $state,
                'timestart' => (int) $row->timestart,
                'timeend' => (int) $row->timefinish,
                'answered' => (int) ($done->answered ?? 0),
                'questions' => $questions,
                'lastaction' => max((int) ($done->lastaction ?? 0), (int) $row->timestart),
            ];
        }
        return ['servertime' => time(), 'counts' => $counts, 'people' => $people];
    }

    /**
     * People with their latest attempt. One who has an attempt counts even when no longer allowed in.
     *
     * @param stdClass $cm
     * @return array
     */
    private static function rows(stdClass $cm): array {
        global $DB;
        [$may, $params] = members::sql($cm);
        return $DB->get_records_sql(
            "SELECT u.id AS userid, u.idnumber, a.state, a.timestart, a.timefinish, a.uniqueid AS usage
               FROM {user} u
          LEFT JOIN {quiz_attempts} a ON a.userid = u.id AND a.quiz = :quiz AND a.preview = 0 AND a.attempt = (
                    SELECT MAX(b.attempt) FROM {quiz_attempts} b WHERE b.quiz = a.quiz AND b.userid = a.userid AND b.preview = 0)
              WHERE u.deleted = 0 AND (a.id IS NOT NULL OR u.id IN ($may))
           ORDER BY u.id",
            ['quiz' => $cm->instance] + $params,
        );
    }

    /**
     * How many questions are answered, and when something was done last. Autosaved answers have steps below 0.
     *
     * @param array $usages
     * @return array usage => answered, lastaction
     */
    private static function work(array $usages): array {
        global $DB;
        $found = [];
        foreach (array_chunk($usages, 1000) as $part) {
            [$in, $params] = $DB->get_in_or_equal($part);
            $found += $DB->get_records_sql(
                "SELECT qa.questionusageid,
                        SUM(CASE WHEN step.sequencenumber < 0 OR step.state NOT IN ('notstarted', 'unprocessed', 'todo',
                                 'invalid', 'gaveup', 'mangaveup') THEN 1 ELSE 0 END) AS answered,
                        MAX(step.timecreated) AS lastaction
                   FROM {question_attempts} qa
                   JOIN {question_attempt_steps} step ON step.questionattemptid = qa.id
                  WHERE qa.questionusageid $in AND step.id = (
                        SELECT MAX(last.id) FROM {question_attempt_steps} last WHERE last.questionattemptid = qa.id)
               GROUP BY qa.questionusageid",
                $params,
            );
        }
        return $found;
    }
}
