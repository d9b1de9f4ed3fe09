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
 * Answers about a question bank.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use dml_missing_record_exception;
use question_bank;

/**
 * The state of a bank in pages, and the text of one question.
 */
final class bank_reading {
    /**
     * A page of the state.
     *
     * @param bank $bank
     * @param string $cursor
     * @param int $limit
     * @return array
     */
    public static function state(bank $bank, string $cursor, int $limit): array {
        $after = limits::read_cursor($cursor);
        $entries = new bank_entries($bank);
        $log = new change_log('entry');
        [$rows, $more] = $log->page([$bank->rootid], $after, limits::page_size($limit, limits::QUESTIONS), false,
            fn() => $log->follow($bank->rootid, ...$entries->for_log()));
        $present = $entries->by_id(array_column($rows, 'itemid'));
        $ordered = array_filter(array_map(fn($row) => $present[$row->itemid] ?? null, $rows));
        return [
            'cursor' => limits::write_cursor($rows ? (int) end($rows)->id : $after),
            'more' => $more,
            'total' => $entries->count(),
            'questions' => $entries->states($ordered),
        ];
    }

    /**
     * One version of a question with its XML.
     *
     * @param bank $bank
     * @param string $idnumber
     * @param int $version 0 = the latest
     * @return array
     */
    public static function question(bank $bank, string $idnumber, int $version): array {
        $entries = new bank_entries($bank);
        $row = $entries->version($idnumber, $version);
        if ($row === null) {
            throw new dml_missing_record_exception('question_bank_entries', 'idnumber = ? AND version = ?', [$idnumber, $version]);
        }
        $format = new xml_format();
        $data = question_bank::load_question_data($row->questionid);
        $data->contextid = $bank->context->id;
        $data->idnumber = $row->idnumber;
        return $entries->states([$row])[0] + ['xml' => $format->write($data)];
    }
}
