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
 * Reader and writer of Moodle XML.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use stdClass;

defined('MOODLE_INTERNAL') || die();

global $CFG;
require_once($CFG->libdir . '/questionlib.php');
require_once($CFG->dirroot . '/question/format.php');
require_once($CFG->dirroot . '/question/format/xml/format.php');

/**
 * Moodle's XML format that collects its errors.
 */
final class xml_format extends \qformat_xml {
    use silent_reader;

    /** Name of the format. */
    private const FORMAT = 'xml';

    /**
     * The questions of a text.
     *
     * @param string $text
     * @return array
     */
    public function read(string $text): array {
        try {
            $tree = xmlize($text, 0, 'UTF-8', true);
        } catch (\xml_format_exception $failure) {
            $this->error($failure->getMessage());
            return [];
        }
        $found = $tree['quiz']['#']['question'] ?? null;
        if (!is_array($found)) {
            $this->error(get_string('noquestionsinfile', 'question'));
            return [];
        }
        return array_filter((array) $this->import_questions($found), 'is_object');
    }

    /**
     * One question as a whole document.
     *
     * @param stdClass $question as question_bank::load_question_data gives it
     * @return string
     */
    public function write(stdClass $question): string {
        return $this->presave_process($this->writequestion($question));
    }
}
