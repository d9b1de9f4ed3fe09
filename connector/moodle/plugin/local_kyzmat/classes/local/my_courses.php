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
 * The courses of a person.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use completion_info;
use moodle_url;
use stdClass;

/**
 * How far a person is in the courses of the panel.
 */
final class my_courses {
    /**
     * Courses with an idnumber in which something counts, by name.
     *
     * @param int $userid
     * @return array name, url, done, all, completed (epoch seconds, 0 = not yet)
     */
    public static function of(int $userid): array {
        global $CFG;
        require_once($CFG->libdir . '/completionlib.php');
        require_once($CFG->libdir . '/enrollib.php');
        $found = [];
        foreach (enrol_get_users_courses($userid, true, 'id, fullname, idnumber, enablecompletion', 'fullname') as $course) {
            $row = (string) $course->idnumber === '' ? null : self::progress($course, $userid);
            $found = array_merge($found, $row === null ? [] : [$row]);
        }
        return $found;
    }

    /**
     * Progress in one course; null where nothing counts.
     *
     * @param stdClass $course
     * @param int $userid
     * @return array|null
     */
    private static function progress(stdClass $course, int $userid): ?array {
        global $DB;
        $info = new completion_info($course);
        $activities = $info->is_enabled() ? $info->get_activities() : [];
        $completed = (int) $DB->get_field('course_completions', 'timecompleted', ['userid' => $userid, 'course' => $course->id]);
        if (!$activities && $completed === 0) {
            return null;
        }
        $states = array_map(fn($cm) => (int) $info->get_data($cm, true, $userid)->completionstate, $activities);
        return [
            'name' => format_string($course->fullname, true, ['context' => \context_course::instance($course->id)]),
            'url' => (new moodle_url('/course/view.php', ['id' => $course->id]))->out(false),
            'done' => count(array_intersect($states, [COMPLETION_COMPLETE, COMPLETION_COMPLETE_PASS])),
            'all' => count($activities),
            'completed' => $completed,
        ];
    }
}
