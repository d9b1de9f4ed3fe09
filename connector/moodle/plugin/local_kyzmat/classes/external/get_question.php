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
 * local_kyzmat_get_question.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\external;

use core_external\external_api;
use core_external\external_function_parameters;
use core_external\external_single_structure;
use local_kyzmat\local\bank_reading;
use local_kyzmat\local\banks;

/**
 * One version of a question as Moodle XML.
 */
final class get_question extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'bankidnumber' => shapes::text('Bank'),
            'idnumber' => shapes::text('Question'),
            'version' => shapes::number('Version; 0 = the latest'),
        ]);
    }

    /**
     * One version of a question as Moodle XML.
     *
     * @param string $bankidnumber
     * @param string $idnumber
     * @param int $version
     * @return array
     */
    public static function execute(string $bankidnumber, string $idnumber, int $version): array {
        $given = self::validate_parameters(self::execute_parameters(), compact('bankidnumber', 'idnumber', 'version'));
        $bank = banks::find($given['bankidnumber']);
        self::validate_context($bank->context->get_course_context());
        require_capability('moodle/question:useall', $bank->context);
        return bank_reading::question($bank, $given['idnumber'], $given['version']);
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure(shapes::question_state() + ['xml' => shapes::text('Moodle XML')]);
    }
}
