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
 * The question of one import item.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use question_bank;
use stdClass;

/**
 * Reads exactly one question from its GIFT or XML spelling, checked as far as it can be before anything is written.
 */
final class question_source {
    /**
     * The question. Throws invalid_question with a sentence for what is wrong.
     *
     * @param string $idnumber the source may not name another one
     * @param string $format gift or xml
     * @param string $source
     * @return stdClass as Moodle's importers make it
     */
    public static function read(string $idnumber, string $format, string $source): stdClass {
        if (!mb_check_encoding($source, 'UTF-8') || preg_match('~[\x00-\x08\x0B\x0C\x0E-\x1F]~', $source)) {
            throw new invalid_question('the source is not UTF-8 text');
        }
        $reader = match ($format) {
            'gift' => new gift_reader(),
            'xml' => new xml_format(),
            default => throw new invalid_question("unknown format $format"),
        };
        $question = self::only($reader, self::read_quietly($reader, $source));
        $named = (string) ($question->idnumber ?? '');
        if ($named !== '' && $named !== $idnumber) {
            throw new invalid_question("the source names idnumber $named");
        }
        $question->idnumber = $idnumber;
        self::check_fractions($question);
        return $question;
    }

    /**
     * Core prints warnings for odd sources; they would spoil the answer.
     *
     * @param gift_reader|xml_format $reader
     * @param string $source
     * @return array
     */
    private static function read_quietly($reader, string $source): array {
        ob_start();
        try {
            return $reader->read($source);
        } catch (\TypeError | \ValueError | \ArithmeticError $failure) {
            throw new invalid_question('Moodle cannot read the source: ' . $failure->getMessage());
        } finally {
            ob_end_clean();
        }
    }

    /**
     * The only question.
     *
     * @param gift_reader|xml_format $reader
     * @param array $questions
     * @return stdClass
     */
    private static function only($reader, array $questions): stdClass {
        if ($reader->problems) {
            throw new invalid_question(implode('; ', $reader->problems));
        }
        $questions = array_values(array_filter($questions, fn($one) => $one->qtype !== 'category'));
        if (count($questions) !== 1) {
            throw new invalid_question(count($questions) . ' questions in the source, one is expected');
        }
        if (!question_bank::is_qtype_installed($questions[0]->qtype)) {
            throw new invalid_question('the question type ' . $questions[0]->qtype . ' is not installed');
        }
        return $questions[0];
    }

    /**
     * Weights must be of Moodle's list.
     *
     * @param stdClass $question its fractions are made exact
     */
    private static function check_fractions(stdClass $question): void {
        if (empty($question->fraction) || !is_array($question->fraction)) {
            return;
        }
        $allowed = question_bank::fraction_options_full();
        foreach ($question->fraction as $key => $fraction) {
            $exact = match_grade_options($allowed, $fraction, 'error');
            if ($exact === false) {
                throw new invalid_question('the weight ' . format_float($fraction * 100, 5, false, true) . '% is not one of Moodle\'s');
            }
            $question->fraction[$key] = $exact;
        }
    }
}
