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
 * local_kyzmat_save_bank.
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
use local_kyzmat\local\banks;
use local_kyzmat\local\finder;
use local_kyzmat\local\operation;

/**
 * Create or rename a question bank.
 */
final class save_bank extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'opkey' => shapes::opkey(),
            'courseidnumber' => shapes::text('Course'),
            'bankidnumber' => shapes::text('Bank'),
            'name' => shapes::text('Name of the bank'),
        ]);
    }

    /**
     * Create or rename a question bank.
     *
     * @param string $opkey
     * @param string $courseidnumber
     * @param string $bankidnumber
     * @param string $name
     * @return array
     */
    public static function execute(string $opkey, string $courseidnumber, string $bankidnumber, string $name): array {
        $given = self::validate_parameters(self::execute_parameters(), compact('opkey', 'courseidnumber', 'bankidnumber', 'name'));
        $course = finder::course($given['courseidnumber']);
        $context = context_course::instance($course->id);
        self::validate_context($context);
        require_capability('moodle/question:managecategory', $context);
        if (banks::are_modules()) {
            require_all_capabilities(['moodle/course:manageactivities', 'mod/qbank:addinstance'], $context);
        }
        return operation::run('save_bank', $given, 'bank/' . $given['bankidnumber'],
            fn() => banks::save($course, $given['bankidnumber'], $given['name']));
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return shapes::written([
            'outcome' => shapes::outcome(),
            'contextid' => shapes::number('Context of the bank\'s categories'),
            'cmid' => shapes::number('Course module of the bank; 0 before Moodle 5'),
        ]);
    }
}
