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
 * local_kyzmat_get_progress.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\external;

use context_module;
use core_external\external_api;
use core_external\external_function_parameters;
use core_external\external_multiple_structure;
use core_external\external_single_structure;
use local_kyzmat\local\finder;
use local_kyzmat\local\progress;

/**
 * How a test goes now.
 */
final class get_progress extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'testidnumber' => shapes::text('Test'),
        ]);
    }

    /**
     * How a test goes now.
     *
     * @param string $testidnumber
     * @return array
     */
    public static function execute(string $testidnumber): array {
        $given = self::validate_parameters(self::execute_parameters(), compact('testidnumber'));
        $cm = finder::test($given['testidnumber']);
        $context = context_module::instance($cm->id);
        self::validate_context($context->get_course_context());
        require_capability('mod/quiz:viewreports', $context);
        return progress::of($cm);
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'servertime' => shapes::number('Epoch seconds'),
            'counts' => new external_single_structure([
                'notstarted' => shapes::number('Not begun'),
                'inprogress' => shapes::number('At work'),
                'overdue' => shapes::number('Out of time, not handed in'),
                'finished' => shapes::number('Done'),
            ]),
            'people' => new external_multiple_structure(new external_single_structure([
                'useridnumber' => shapes::text('Person'),
                'state' => shapes::text('notstarted, inprogress, overdue or finished'),
                'timestart' => shapes::number('Epoch seconds; 0 = not begun'),
                'timeend' => shapes::number('Epoch seconds; 0 = not done'),
                'answered' => shapes::number('Questions answered'),
                'questions' => shapes::number('Questions of the test'),
                'lastaction' => shapes::number('Epoch seconds; 0 = none'),
            ])),
        ]);
    }
}
