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
 * Shapes that several functions share.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\external;

use core_external\external_description;
use core_external\external_multiple_structure;
use core_external\external_single_structure;
use core_external\external_value;

/**
 * Parts of parameters and answers.
 */
final class shapes {
    /**
     * A text taken as it is.
     *
     * @param string $what
     * @return external_value
     */
    public static function text(string $what): external_value {
        return new external_value(PARAM_RAW, $what);
    }

    /**
     * A whole number.
     *
     * @param string $what
     * @return external_value
     */
    public static function number(string $what): external_value {
        return new external_value(PARAM_INT, $what);
    }

    /**
     * Yes or no.
     *
     * @param string $what
     * @return external_value
     */
    public static function flag(string $what): external_value {
        return new external_value(PARAM_BOOL, $what);
    }

    /**
     * A mark or grade, null when there is none.
     *
     * @param string $what
     * @return external_value
     */
    public static function mark(string $what): external_value {
        return new external_value(PARAM_FLOAT, $what, VALUE_REQUIRED, null, NULL_ALLOWED);
    }

    /**
     * The key of a writing call.
     *
     * @return external_value
     */
    public static function opkey(): external_value {
        return self::text('Operation key, 1 to 64 of A-Za-z0-9._-');
    }

    /**
     * A list; a form cannot carry an empty one, so it may be left out.
     *
     * @param external_description $item
     * @param string $what
     * @return external_multiple_structure
     */
    public static function items(external_description $item, string $what): external_multiple_structure {
        return new external_multiple_structure($item, $what, VALUE_DEFAULT, []);
    }

    /**
     * The answer of a writing function: its fields with "replayed".
     *
     * @param array $fields
     * @return external_single_structure
     */
    public static function written(array $fields): external_single_structure {
        return new external_single_structure(
            ['replayed' => self::flag('True when the key was used before and nothing was done')] + $fields
        );
    }

    /**
     * The answer of a function that answers per item.
     *
     * @param array $fields of an item beside outcome and message
     * @return external_single_structure
     */
    public static function results(array $fields): external_single_structure {
        $item = new external_single_structure($fields + [
            'outcome' => self::outcome(),
            'message' => self::text('Why, when the item was not done'),
        ]);
        return self::written(['results' => new external_multiple_structure($item, 'One answer per item, in their order')]);
    }

    /**
     * What became of a thing.
     *
     * @return external_value
     */
    public static function outcome(): external_value {
        return new external_value(PARAM_ALPHA, 'created, updated, newversion, unchanged, removed, conflict, invalid or missing');
    }

    /**
     * What is told of a question.
     *
     * @return array
     */
    public static function question_state(): array {
        return [
            'idnumber' => self::text('Idnumber; empty for a question made by hand'),
            'entryid' => self::number('question_bank_entries.id'),
            'questionid' => self::number('question.id of this version'),
            'version' => self::number('Version'),
            'status' => new external_value(PARAM_ALPHA, 'ready, hidden or draft'),
            'contenthash' => self::text('What the panel sent with the last version it wrote'),
            'categorypath' => self::text('Names joined with /, a slash within a name written //'),
            'foreign' => self::flag('True when the version was not written by the panel, or was edited since'),
            'timemodified' => self::number('Epoch seconds'),
        ];
    }

    /**
     * What is told of a question that was written.
     *
     * @return array
     */
    public static function question_result(): array {
        return [
            'idnumber' => self::text('Idnumber'),
            'entryid' => self::number('question_bank_entries.id'),
            'questionid' => self::number('question.id'),
            'version' => self::number('Version'),
        ];
    }

    /**
     * Members of every page of a list.
     *
     * @return array
     */
    public static function page(): array {
        return [
            'cursor' => self::text('Where the next page begins'),
            'more' => self::flag('Whether another page follows now'),
            'total' => self::number('How many there are in all'),
        ];
    }
}
