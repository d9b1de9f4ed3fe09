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
 * Progress in training courses.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use stdClass;

/**
 * Completions in pages, in the order in which they became known.
 */
final class completions {
    /**
     * A page of completions.
     *
     * @param array $courses idnumber => course
     * @param string $cursor
     * @param int $limit
     * @return array
     */
    public static function page(array $courses, string $cursor, int $limit): array {
        global $DB;
        $after = limits::read_cursor($cursor);
        $names = [];
        foreach ($courses as $course) {
            $names[(int) $course->id] = $course->idnumber;
        }
        $log = new change_log('member');
        [$rows, $more] = $log->page(array_keys($names), $after, limits::page_size($limit, limits::ATTEMPTS), false,
            fn() => array_map(fn($id) => $log->follow($id, ...self::for_log($id)), array_keys($names)));
        return [
            'servertime' => time(),
            'cursor' => limits::write_cursor($rows ? (int) end($rows)->id : $after),
            'more' => $more,
            'total' => array_sum(array_map(fn($id) => self::total($id), array_keys($names))),
            'completions' => self::completions($rows, $names),
        ];
    }

    /**
     * FROM and WHERE of the people of a course whom the panel knows, with what they have done.
     *
     * @param int $courseid
     * @return array [sql, params]
     */
    private static function members(int $courseid): array {
        $sql = "{user} u
           JOIN (SELECT DISTINCT ue.userid
                   FROM {user_enrolments} ue
                   JOIN {enrol} e ON e.id = ue.enrolid AND e.courseid = :course1) member ON member.userid = u.id
      LEFT JOIN {course_completions} cc ON cc.userid = u.id AND cc.course = :course2
      LEFT JOIN {grade_items} gi ON gi.courseid = :course3 AND gi.itemtype = 'course'
      LEFT JOIN {grade_grades} gg ON gg.itemid = gi.id AND gg.userid = u.id
      LEFT JOIN (SELECT done.userid, COUNT(1) AS activities
                   FROM {course_modules_completion} done
                   JOIN {course_modules} cm ON cm.id = done.coursemoduleid AND cm.course = :course4
                                           AND cm.completion > 0 AND cm.deletioninprogress = 0
                  WHERE done.completionstate IN (" . COMPLETION_COMPLETE . ', ' . COMPLETION_COMPLETE_PASS . ")
               GROUP BY done.userid) done ON done.userid = u.id
          WHERE u.deleted = 0 AND u.idnumber <> ''";
        return [$sql, array_fill_keys(['course1', 'course2', 'course3', 'course4'], $courseid)];
    }

    /**
     * SELECT for the change log.
     *
     * @param int $courseid
     * @return array [sql, params]
     */
    private static function for_log(int $courseid): array {
        global $CFG, $DB;
        require_once($CFG->libdir . '/completionlib.php');
        [$from, $params] = self::members($courseid);
        $grade = 'COALESCE(' . $DB->sql_cast_to_char('gg.finalgrade') . ", '')";
        $print = $DB->sql_concat('COALESCE(cc.timecompleted, 0)', "'|'", 'COALESCE(done.activities, 0)', "'|'", $grade);
        $sql = "SELECT u.id AS itemid, u.id AS userid, $print AS fingerprint, COALESCE(cc.timecompleted, 0) AS sortorder,
                       1 AS fresh
                  FROM $from";
        return [$sql, $params];
    }

    /**
     * How many people of a course there are.
     *
     * @param int $courseid
     * @return int
     */
    private static function total(int $courseid): int {
        global $CFG, $DB;
        require_once($CFG->libdir . '/completionlib.php');
        [$from, $params] = self::members($courseid);
        return $DB->count_records_sql("SELECT COUNT(DISTINCT u.id) FROM $from", $params);
    }

    /**
     * Rows of the log as they are answered.
     *
     * @param array $rows
     * @param array $names course id => idnumber
     * @return array
     */
    private static function completions(array $rows, array $names): array {
        $found = [];
        $people = [];
        $activities = [];
        foreach (array_unique(array_column($rows, 'scopeid')) as $courseid) {
            $mine = array_filter($rows, fn($row) => $row->scopeid === $courseid);
            $people[$courseid] = self::people((int) $courseid, array_column($mine, 'itemid'));
            $activities[$courseid] = self::activities((int) $courseid);
        }
        foreach ($rows as $row) {
            $person = $people[$row->scopeid][$row->itemid] ?? null;
            if ($person !== null) {
                $found[] = self::completion($person, $names[$row->scopeid], $activities[$row->scopeid]);
            }
        }
        return $found;
    }

    /**
     * What some people of a course have done.
     *
     * @param int $courseid
     * @param array $userids
     * @return array user id => row
     */
    private static function people(int $courseid, array $userids): array {
        global $DB;
        [$from, $params] = self::members($courseid);
        [$in, $more] = $DB->get_in_or_equal($userids, SQL_PARAMS_NAMED);
        return $DB->get_records_sql(
            "SELECT u.id, u.idnumber, cc.timecompleted, gg.finalgrade, gi.grademax, done.activities
               FROM $from AND u.id $in",
            $params + $more,
        );
    }

    /**
     * How many activities of a course count.
     *
     * @param int $courseid
     * @return int
     */
    private static function activities(int $courseid): int {
        global $DB;
        return $DB->count_records_select('course_modules', 'course = ? AND completion > 0 AND deletioninprogress = 0', [$courseid]);
    }

    /**
     * A completion as it is answered.
     *
     * @param stdClass $person
     * @param string $courseidnumber
     * @param int $activities
     * @return array
     */
    private static function completion(stdClass $person, string $courseidnumber, int $activities): array {
        $begun = $person->activities ? 'inprogress' : 'enrolled';
        return [
            'useridnumber' => $person->idnumber,
            'courseidnumber' => $courseidnumber,
            'state' => $person->timecompleted ? 'completed' : $begun,
            'timecompleted' => (int) $person->timecompleted,
            'grade' => $person->finalgrade === null ? null : (float) $person->finalgrade,
            'maxgrade' => (float) ($person->grademax ?? 100),
            'activitiesdone' => (int) $person->activities,
            'activities' => $activities,
        ];
    }
}
