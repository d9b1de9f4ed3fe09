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
 * local_kyzmat_save_enrolments.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\external;

use context_course;
use core_external\external_api;
use core_external\external_function_parameters;
use core_external\external_single_structure;
use local_kyzmat\local\enrolments;
use local_kyzmat\local\finder;
use local_kyzmat\local\limits;
use local_kyzmat\local\operation;

/**
 * Enrol people, put them into groups, or take them out.
 */
final class save_enrolments extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'opkey' => shapes::opkey(),
            'courseidnumber' => shapes::text('Course'),
            'members' => shapes::items(new external_single_structure([
                'useridnumber' => shapes::text('Person'),
                'role' => shapes::text('student'),
                'groupidnumbers' => shapes::items(shapes::text('Group'), 'All groups of the person in the course'),
                'timestart' => shapes::number('Epoch seconds; 0 = at once'),
                'timeend' => shapes::number('Epoch seconds; 0 = no end'),
                'remove' => shapes::flag('Take the person out of the course'),
            ]), 'Members'),
        ]);
    }

    /**
     * Enrol people, put them into groups, or take them out.
     *
     * @param string $opkey
     * @param string $courseidnumber
     * @param array $members
     * @return array
     */
    public static function execute(string $opkey, string $courseidnumber, array $members = []): array {
        $given = self::validate_parameters(self::execute_parameters(), compact('opkey', 'courseidnumber', 'members'));
        limits::no_more_than(limits::PEOPLE, $given['members']);
        $course = finder::course($given['courseidnumber']);
        $context = context_course::instance($course->id);
        self::validate_context($context);
        require_all_capabilities(['enrol/manual:enrol', 'enrol/manual:unenrol', 'moodle/course:managegroups'], $context);
        return operation::run('save_enrolments', $given, 'course/' . $course->id,
            fn() => ['results' => (new enrolments($course))->save($given['members'])]);
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return shapes::results(['useridnumber' => shapes::text('Person')]);
    }
}
