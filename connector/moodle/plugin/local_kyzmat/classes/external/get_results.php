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
 * local_kyzmat_get_results.
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
use local_kyzmat\local\results;

/**
 * Attempts that have ended, in pages, with every answer.
 */
final class get_results extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'testidnumbers' => shapes::items(shapes::text('Test'), 'Tests; none = every test'),
            'cursor' => shapes::text('Cursor of the page before; empty = the first page'),
            'limit' => shapes::number('Most attempts of the page'),
            'responses' => shapes::flag('Whether the answers come with them'),
        ]);
    }

    /**
     * Attempts that have ended, in pages, with every answer.
     *
     * @param array $testidnumbers
     * @param string $cursor
     * @param int $limit
     * @param bool $responses
     * @return array
     */
    public static function execute(array $testidnumbers, string $cursor, int $limit, bool $responses): array {
        $given = self::validate_parameters(self::execute_parameters(), compact('testidnumbers', 'cursor', 'limit', 'responses'));
        $tests = finder::all_tests($given['testidnumbers']);
        foreach ($tests as $cm) {
            $context = context_module::instance($cm->id);
            self::validate_context($context->get_course_context());
            require_capability('mod/quiz:viewreports', $context);
        }
        return results::page($tests, $given['cursor'], $given['limit'], $given['responses']);
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        $response = new external_single_structure([
            'slot' => shapes::number('Place'),
            'idnumber' => shapes::text('Question'),
            'entryid' => shapes::number('question_bank_entries.id'),
            'questionid' => shapes::number('question.id'),
            'version' => shapes::number('Version'),
            'state' => shapes::text('Moodle\'s question state'),
            'mark' => shapes::mark('Mark; null = none yet'),
            'maxmark' => shapes::mark('Mark for a right answer'),
            'response' => shapes::text('What was answered'),
            'rightanswer' => shapes::text('What is right'),
            'time' => shapes::number('Epoch seconds of the last answer'),
        ]);
        $attempt = new external_single_structure([
            'attemptid' => shapes::number('quiz_attempts.id'),
            'testidnumber' => shapes::text('Test'),
            'useridnumber' => shapes::text('Person'),
            'attempt' => shapes::number('Which attempt of the person'),
            'state' => shapes::text('Moodle\'s state'),
            'deleted' => shapes::flag('True when the attempt is no more'),
            'timestart' => shapes::number('Epoch seconds'),
            'timefinish' => shapes::number('Epoch seconds'),
            'timemodified' => shapes::number('Epoch seconds'),
            'mark' => shapes::mark('Sum of the marks; null = not graded'),
            'maxmark' => shapes::mark('Most that could be had'),
            'responses' => new external_multiple_structure($response),
        ]);
        return new external_single_structure(
            ['servertime' => shapes::number('Epoch seconds')] + shapes::page() + ['attempts' => new external_multiple_structure($attempt)]
        );
    }
}
