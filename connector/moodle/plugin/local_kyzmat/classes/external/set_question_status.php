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
 * local_kyzmat_set_question_status.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\external;

use core_external\external_api;
use core_external\external_function_parameters;
use core_external\external_single_structure;
use local_kyzmat\local\bank_import;
use local_kyzmat\local\banks;
use local_kyzmat\local\limits;
use local_kyzmat\local\operation;

/**
 * Hide or show questions.
 */
final class set_question_status extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'opkey' => shapes::opkey(),
            'bankidnumber' => shapes::text('Bank'),
            'items' => shapes::items(new external_single_structure([
                'idnumber' => shapes::text('Question'),
                'status' => shapes::text('ready or hidden'),
            ]), 'Questions'),
        ]);
    }

    /**
     * Hide or show questions.
     *
     * @param string $opkey
     * @param string $bankidnumber
     * @param array $items
     * @return array
     */
    public static function execute(string $opkey, string $bankidnumber, array $items = []): array {
        $given = self::validate_parameters(self::execute_parameters(), compact('opkey', 'bankidnumber', 'items'));
        limits::no_more_than(limits::QUESTIONS, $given['items']);
        $bank = banks::find($given['bankidnumber']);
        self::validate_context($bank->context->get_course_context());
        require_capability('moodle/question:add', $bank->context);
        return operation::run('set_question_status', $given, 'bank/' . $given['bankidnumber'],
            fn() => ['results' => (new bank_import($bank))->set_status($given['items'])]);
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return shapes::results(shapes::question_result());
    }
}
