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
 * Reader of GIFT.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

defined('MOODLE_INTERNAL') || die();

global $CFG;
require_once($CFG->libdir . '/questionlib.php');
require_once($CFG->dirroot . '/question/format.php');
require_once($CFG->dirroot . '/question/format/gift/format.php');

/**
 * Moodle's GIFT reader that collects its errors.
 */
final class gift_reader extends \qformat_gift {
    use silent_reader;

    /** Name of the format. */
    private const FORMAT = 'gift';

    /**
     * The questions of a text.
     *
     * A line with only "0" belongs to its question here; core takes it for a blank one and breaks the question in two.
     *
     * @param string $text
     * @return array
     */
    public function read(string $text): array {
        $text = preg_replace('~^\xEF\xBB\xBF~', '', str_replace(["\r\n", "\r"], "\n", $text));
        $questions = [];
        foreach (preg_split('~\n[ \t]*(?=\n)~', $text) as $block) {
            $lines = array_values(array_filter(array_map('trim', explode("\n", $block)), fn($line) => $line !== ''));
            if ($lines) {
                $questions[] = $this->readquestion($lines);
            }
        }
        return array_values(array_filter($questions));
    }
}
