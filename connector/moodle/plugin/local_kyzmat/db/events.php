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
 * What the plugin listens to.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

// A class that this Moodle does not have is never fired: attempt_graded came with 5.0.
$observers = [
    [
        'eventname' => '\mod_quiz\event\attempt_submitted',
        'callback' => '\local_kyzmat\local\observer::attempt_submitted',
    ],
    [
        'eventname' => '\mod_quiz\event\attempt_graded',
        'callback' => '\local_kyzmat\local\observer::attempt_graded',
    ],
    [
        'eventname' => '\mod_quiz\event\attempt_abandoned',
        'callback' => '\local_kyzmat\local\observer::attempt_submitted',
    ],
    [
        'eventname' => '\mod_quiz\event\attempt_regraded',
        'callback' => '\local_kyzmat\local\observer::attempt_regraded',
    ],
    [
        'eventname' => '\mod_quiz\event\question_manually_graded',
        'callback' => '\local_kyzmat\local\observer::attempt_regraded',
    ],
    [
        'eventname' => '\mod_quiz\event\attempt_manual_grading_completed',
        'callback' => '\local_kyzmat\local\observer::attempt_regraded',
    ],
    [
        'eventname' => '\mod_quiz\event\attempt_reopened',
        'callback' => '\local_kyzmat\local\observer::attempt_regraded',
    ],
    [
        'eventname' => '\mod_quiz\event\attempt_deleted',
        'callback' => '\local_kyzmat\local\observer::attempt_deleted',
    ],
    [
        'eventname' => '\core\event\course_completed',
        'callback' => '\local_kyzmat\local\observer::course_completed',
    ],
];
