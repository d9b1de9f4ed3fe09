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
 * local_kyzmat_save_overrides.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\external;

use context_module;
use core_external\external_api;
use core_external\external_function_parameters;
use core_external\external_single_structure;
use core_external\external_value;
use local_kyzmat\local\finder;
use local_kyzmat\local\limits;
use local_kyzmat\local\operation;
use local_kyzmat\local\overrides;

/**
 * Other times or attempts for a person or a group.
 */
final class save_overrides extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'opkey' => shapes::opkey(),
            'testidnumber' => shapes::text('Test'),
            'items' => shapes::items(new external_single_structure([
                'useridnumber' => new external_value(PARAM_RAW, 'Person, or', VALUE_DEFAULT, ''),
                'groupidnumber' => new external_value(PARAM_RAW, 'group', VALUE_DEFAULT, ''),
                'timeopen' => new external_value(PARAM_INT, 'Epoch seconds; 0 = as the test', VALUE_DEFAULT, 0),
                'timeclose' => new external_value(PARAM_INT, 'Epoch seconds; 0 = as the test', VALUE_DEFAULT, 0),
                'timelimit' => new external_value(PARAM_INT, 'Seconds; 0 = as the test', VALUE_DEFAULT, 0),
                'attempts' => new external_value(PARAM_INT, '0 = as the test', VALUE_DEFAULT, 0),
                'remove' => new external_value(PARAM_BOOL, 'Take the override away', VALUE_DEFAULT, false),
            ]), 'Overrides'),
        ]);
    }

    /**
     * Other times or attempts for a person or a group.
     *
     * @param string $opkey
     * @param string $testidnumber
     * @param array $items
     * @return array
     */
    public static function execute(string $opkey, string $testidnumber, array $items = []): array {
        $given = self::validate_parameters(self::execute_parameters(), compact('opkey', 'testidnumber', 'items'));
        limits::no_more_than(limits::PEOPLE, $given['items']);
        $cm = finder::test($given['testidnumber']);
        $context = context_module::instance($cm->id);
        self::validate_context($context->get_course_context());
        require_capability('mod/quiz:manageoverrides', $context);
        return operation::run('save_overrides', $given, 'test/' . $given['testidnumber'],
            fn() => ['results' => (new overrides($cm))->save($given['items'])]);
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return shapes::results([
            'useridnumber' => shapes::text('Person; empty for a group'),
            'groupidnumber' => shapes::text('Group; empty for a person'),
        ]);
    }
}
