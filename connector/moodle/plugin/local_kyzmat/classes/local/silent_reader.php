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
 * Reading one question without a word to the page.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use question_bank;

/**
 * For subclasses of Moodle's importers: errors are collected, not echoed.
 *
 * Moodle's own error() fails with a TypeError when it is handed an array, which the GIFT reader does for a question with
 * too few answers.
 */
trait silent_reader {
    /** @var array sentences about what is wrong */
    public array $problems = [];

    /**
     * Collects what core would print.
     *
     * @param string|array $message
     * @param string|array $text
     * @param string $questionname
     */
    protected function error($message, $text = '', $questionname = '') {
        $this->importerrors++;
        $text = is_array($text) ? implode(' | ', array_filter($text, 'is_string')) : (string) $text;
        $said = implode(' ', array_filter([strip_tags((string) $message), \core_text::substr(strip_tags($text), 0, 200)]));
        $this->problems[] = $said;
    }

    /**
     * Third-party question types look for their reader under the format's name, which core takes from the class.
     *
     * @param mixed $data
     * @param mixed $question
     * @param mixed $extra
     * @param string $qtypehint
     * @return mixed question or false
     */
    public function try_importing_using_qtypes($data, $question = null, $extra = null, $qtypehint = '') {
        $method = 'import_from_' . self::FORMAT;
        $types = question_bank::get_all_qtypes();
        if ($qtypehint !== '' && isset($types[$qtypehint])) {
            $types = [$qtypehint => $types[$qtypehint]] + $types;
        }
        foreach ($types as $type) {
            $found = method_exists($type, $method) ? $type->$method($data, $question, $this, $extra) : false;
            if ($found) {
                return $found;
            }
        }
        return false;
    }
}
