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
 * Way to "My service".
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use core\hook\navigation\primary_extend;
use moodle_url;

/**
 * Puts "My service" into the main menu of those who have cards.
 */
final class navigation {
    /**
     * Add the link.
     *
     * @param primary_extend $hook
     */
    public static function extend(primary_extend $hook): void {
        global $DB, $USER;
        if (!isloggedin() || isguestuser() || !$DB->record_exists('local_kyzmat_card', ['userid' => $USER->id])) {
            return;
        }
        $title = myservice::word('myservice', myservice::language((int) $USER->id));
        $hook->get_primaryview()->add($title, new moodle_url('/local/kyzmat/'), \navigation_node::TYPE_CUSTOM, null, 'local_kyzmat');
    }
}
