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
 * local_kyzmat_get_completions.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\external;

use context_course;
use core_external\external_api;
use core_external\external_function_parameters;
use core_external\external_multiple_structure;
use core_external\external_single_structure;
use local_kyzmat\local\completions;
use local_kyzmat\local\finder;

/**
 * Progress in training courses, in pages.
 */
final class get_completions extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'courseidnumbers' => shapes::items(shapes::text('Course'), 'Courses; none = every course'),
            'cursor' => shapes::text('Cursor of the page before; empty = the first page'),
            'limit' => shapes::number('Most people of the page'),
        ]);
    }

    /**
     * Progress in training courses, in pages.
     *
     * @param array $courseidnumbers
     * @param string $cursor
     * @param int $limit
     * @return array
     */
    public static function execute(array $courseidnumbers, string $cursor, int $limit): array {
        $given = self::validate_parameters(self::execute_parameters(), compact('courseidnumbers', 'cursor', 'limit'));
        $courses = finder::all_courses($given['courseidnumbers']);
        foreach ($courses as $course) {
            $context = context_course::instance($course->id);
            self::validate_context($context);
            require_capability('report/completion:view', $context);
        }
        return completions::page($courses, $given['cursor'], $given['limit']);
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        $completion = new external_single_structure([
            'useridnumber' => shapes::text('Person'),
            'courseidnumber' => shapes::text('Course'),
            'state' => shapes::text('enrolled, inprogress or completed'),
            'timecompleted' => shapes::number('Epoch seconds; 0 = not completed'),
            'grade' => shapes::mark('Grade of the course; null = none'),
            'maxgrade' => shapes::mark('Most that can be had'),
            'activitiesdone' => shapes::number('Activities completed'),
            'activities' => shapes::number('Activities that count'),
        ]);
        return new external_single_structure(
            ['servertime' => shapes::number('Epoch seconds')] + shapes::page()
            + ['completions' => new external_multiple_structure($completion)]
        );
    }
}
