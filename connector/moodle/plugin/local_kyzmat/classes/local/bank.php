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
 * A question bank.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use context;

/**
 * Where the questions of a bank live: a module of its own in Moodle 5, a category of the course before.
 */
final class bank {
    /**
     * Constructor.
     *
     * @param string $idnumber
     * @param int $courseid
     * @param string $name
     * @param context $context of its categories
     * @param int $cmid 0 before Moodle 5
     * @param int $rootid category that holds everything of the bank
     */
    public function __construct(
        /** @var string */
        public readonly string $idnumber,
        /** @var int */
        public readonly int $courseid,
        /** @var string */
        public readonly string $name,
        /** @var context */
        public readonly context $context,
        /** @var int */
        public readonly int $cmid,
        /** @var int */
        public readonly int $rootid,
    ) {
    }
}
