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
 * What the plugin does when something happens in Moodle.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use core\event\base;
use core\event\course_completed as course_completed_event;

/**
 * Turns events into hints. Whatever fails here must not spoil what the person is doing.
 */
final class observer {
    /**
     * Handed in. In Moodle 5 the grade comes later, with an event of its own.
     *
     * @param base $event
     */
    public static function attempt_submitted(base $event): void {
        if (!class_exists('\mod_quiz\event\attempt_graded') || $event instanceof \mod_quiz\event\attempt_abandoned) {
            self::attempt('attempt_finished', $event);
        }
    }

    /**
     * Handed in and graded (Moodle 5).
     *
     * @param base $event
     */
    public static function attempt_graded(base $event): void {
        self::attempt('attempt_finished', $event);
    }

    /**
     * Another mark, or reopened.
     *
     * @param base $event
     */
    public static function attempt_regraded(base $event): void {
        self::attempt('attempt_regraded', $event);
    }

    /**
     * Deleted: note it in the log at once, so that the time is right.
     *
     * @param base $event
     */
    public static function attempt_deleted(base $event): void {
        $cm = self::test($event);
        if ($cm !== null) {
            results::follow($cm);
            outbox::note('attempt_deleted', ['testidnumber' => $cm->idnumber], (int) $event->relateduserid);
        }
    }

    /**
     * A course was completed.
     *
     * @param course_completed_event $event
     */
    public static function course_completed(course_completed_event $event): void {
        global $DB;
        $idnumber = (string) $DB->get_field('course', 'idnumber', ['id' => $event->courseid]);
        if ($idnumber !== '') {
            outbox::note('completion', ['courseidnumber' => $idnumber], (int) $event->relateduserid);
        }
    }

    /**
     * Note a hint about an attempt.
     *
     * @param string $name
     * @param base $event
     */
    private static function attempt(string $name, base $event): void {
        global $DB;
        $cm = self::test($event);
        if ($cm === null) {
            return;
        }
        // Events about a single question name the question, and keep the attempt beside.
        $attemptid = $event->objecttable === 'quiz_attempts' ? $event->objectid : ($event->other['attemptid'] ?? 0);
        $attempt = $DB->get_record('quiz_attempts', ['id' => $attemptid], 'id, userid, preview');
        if ($attempt && !$attempt->preview) {
            outbox::note($name, ['testidnumber' => $cm->idnumber], (int) $attempt->userid);
        }
    }

    /**
     * The test of an event, or null when it is none of the panel's.
     *
     * @param base $event
     * @return \stdClass|null course module
     */
    private static function test(base $event): ?\stdClass {
        $cm = get_coursemodule_from_id('quiz', $event->contextinstanceid);
        return $cm && (string) $cm->idnumber !== '' ? $cm : null;
    }
}
