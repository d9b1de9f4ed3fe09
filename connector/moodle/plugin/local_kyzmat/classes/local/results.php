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
 * Attempts that have ended.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use stdClass;

/**
 * Results in pages, in the order in which they became known.
 */
final class results {
    /** States of an attempt that has ended. */
    private const ENDED = "('finished', 'abandoned')";

    /**
     * A page of attempts.
     *
     * @param array $tests idnumber => course module
     * @param string $cursor
     * @param int $limit
     * @param bool $responses
     * @return array
     */
    public static function page(array $tests, string $cursor, int $limit, bool $responses): array {
        $after = limits::read_cursor($cursor);
        $quizzes = array_map(fn($cm) => (int) $cm->instance, array_values($tests));
        $log = new change_log('attempt');
        [$rows, $more] = $log->page($quizzes, $after, limits::page_size($limit, limits::ATTEMPTS), true,
            fn() => array_map(fn($cm) => self::follow($cm), array_values($tests)));
        $names = array_combine($quizzes, array_map('strval', array_keys($tests)));
        return [
            'servertime' => time(),
            'cursor' => limits::write_cursor($rows ? (int) end($rows)->id : $after),
            'more' => $more,
            'total' => self::total($quizzes),
            'attempts' => self::attempts($rows, $names, $responses),
        ];
    }

    /**
     * Number what is new in a test. An attempt that was reopened comes again with its present state.
     *
     * @param stdClass $cm
     */
    public static function follow(stdClass $cm): void {
        global $DB;
        $mark = "COALESCE(" . $DB->sql_cast_to_char('a.sumgrades') . ", '')";
        $ended = 'a.state IN ' . self::ENDED;
        $print = $DB->sql_concat('a.state', "'|'", 'a.timemodified', "'|'", $mark);
        $sql = "SELECT a.id AS itemid, a.userid, CASE WHEN $ended THEN $print ELSE 'open' END AS fingerprint,
                       a.timemodified AS sortorder, CASE WHEN $ended THEN 1 ELSE 0 END AS fresh,
                       a.attempt, a.timestart, a.timefinish, u.idnumber
                  FROM {quiz_attempts} a
                  JOIN {user} u ON u.id = a.userid
                 WHERE a.quiz = :quiz AND a.preview = 0";
        (new change_log('attempt'))->follow((int) $cm->instance, $sql, ['quiz' => $cm->instance], fn($row) => json_encode([
            'useridnumber' => self::person((int) $row->userid, $row->idnumber),
            'attempt' => (int) $row->attempt,
            'timestart' => (int) $row->timestart,
            'timefinish' => (int) $row->timefinish,
        ], JSON_UNESCAPED_UNICODE));
    }

    /**
     * The name of a person; one whom the panel did not send has no idnumber and is still not left out.
     *
     * @param int $userid
     * @param string|null $idnumber
     * @return string
     */
    public static function person(int $userid, ?string $idnumber): string {
        return (string) $idnumber !== '' ? $idnumber : "moodle:$userid";
    }

    /**
     * The control total: finished attempts that are there.
     *
     * @param array $quizzes
     * @return int
     */
    private static function total(array $quizzes): int {
        global $DB;
        if (!$quizzes) {
            return 0;
        }
        [$in, $params] = $DB->get_in_or_equal($quizzes);
        return $DB->count_records_select('quiz_attempts', "quiz $in AND preview = 0 AND state = 'finished'", $params);
    }

    /**
     * Rows of the log as they are answered.
     *
     * @param array $rows
     * @param array $names quiz id => idnumber
     * @param bool $responses
     * @return array
     */
    private static function attempts(array $rows, array $names, bool $responses): array {
        global $DB;
        $ids = array_column($rows, 'itemid');
        $present = $ids ? $DB->get_records_list('quiz_attempts', 'id', $ids) : [];
        $usages = array_column($present, 'uniqueid');
        $maxmarks = responses::maxmarks($usages);
        $answers = $responses ? responses::of($usages) : [];
        $found = [];
        foreach ($rows as $row) {
            $attempt = $present[$row->itemid] ?? null;
            $known = json_decode((string) $row->data, true) + ['testidnumber' => $names[$row->scopeid]];
            if ($attempt !== null) {
                $found[] = self::attempt($attempt, $known, $maxmarks[$attempt->uniqueid] ?? 0.0, $answers[$attempt->uniqueid] ?? []);
            } else if ($row->gone) {
                $found[] = self::tombstone($row, $known);
            }
        }
        return $found;
    }

    /**
     * An attempt as it is answered.
     *
     * @param stdClass $attempt
     * @param array $known
     * @param float $maxmark
     * @param array $responses
     * @return array
     */
    private static function attempt(stdClass $attempt, array $known, float $maxmark, array $responses): array {
        return [
            'attemptid' => (int) $attempt->id,
            'testidnumber' => $known['testidnumber'],
            'useridnumber' => $known['useridnumber'],
            'attempt' => (int) $attempt->attempt,
            'state' => $attempt->state,
            'deleted' => false,
            'timestart' => (int) $attempt->timestart,
            'timefinish' => (int) $attempt->timefinish,
            'timemodified' => (int) $attempt->timemodified,
            'mark' => $attempt->sumgrades === null ? null : (float) $attempt->sumgrades,
            'maxmark' => $maxmark,
            'responses' => $responses,
        ];
    }

    /**
     * An attempt that was deleted.
     *
     * @param stdClass $row of the log
     * @param array $known
     * @return array
     */
    private static function tombstone(stdClass $row, array $known): array {
        return [
            'attemptid' => (int) $row->itemid,
            'testidnumber' => $known['testidnumber'],
            'useridnumber' => $known['useridnumber'],
            'attempt' => $known['attempt'],
            'state' => 'finished',
            'deleted' => true,
            'timestart' => $known['timestart'],
            'timefinish' => $known['timefinish'],
            'timemodified' => (int) $row->timecreated,
            'mark' => null,
            'maxmark' => 0.0,
            'responses' => [],
        ];
    }
}
