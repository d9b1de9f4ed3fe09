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
 * How much one call may carry.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use invalid_parameter_exception;
use moodle_exception;

/**
 * Limits of lists and places in them.
 */
final class limits {
    /** Questions in one call. */
    public const QUESTIONS = 200;

    /** People, members or overrides in one call. */
    public const PEOPLE = 500;

    /** Attempts or completions in one answer. */
    public const ATTEMPTS = 500;

    /** Cards in one call. */
    public const CARDS = 150;

    /** Columns for idnumbers are this wide in Moodle. */
    public const IDNUMBER = 100;

    /**
     * Refuse a list that is too long.
     *
     * @param int $most
     * @param array $items
     */
    public static function no_more_than(int $most, array $items): void {
        if (count($items) > $most) {
            throw new moodle_exception('chunktoolarge', 'local_kyzmat', '', (object) ['count' => count($items), 'most' => $most]);
        }
    }

    /**
     * Rows of a page; 0 or less asks for a whole page.
     *
     * @param int $limit
     * @param int $most
     * @return int
     */
    public static function page_size(int $limit, int $most): int {
        return $limit > 0 ? min($limit, $most) : $most;
    }

    /**
     * The change after which a page begins; an empty cursor begins at the beginning.
     *
     * @param string $cursor
     * @return int
     */
    public static function read_cursor(string $cursor): int {
        if ($cursor === '') {
            return 0;
        }
        if (!preg_match('~^c([0-9]{1,18})\z~', $cursor, $found)) {
            throw new invalid_parameter_exception('cursor => not a cursor of this site');
        }
        return (int) $found[1];
    }

    /**
     * The cursor of a change; opaque to the caller.
     *
     * @param int $change
     * @return string
     */
    public static function write_cursor(int $change): string {
        return 'c' . $change;
    }

    /**
     * Refuse an idnumber that is empty or wider than its column.
     *
     * @param string $name of the parameter
     * @param string $idnumber
     */
    public static function require_idnumber(string $name, string $idnumber): void {
        if (trim($idnumber) === '' || \core_text::strlen($idnumber) > self::IDNUMBER) {
            throw new invalid_parameter_exception("$name => 1 to " . self::IDNUMBER . ' characters');
        }
    }
}
