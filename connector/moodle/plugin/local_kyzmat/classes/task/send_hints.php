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
 * Delivery of hints.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\task;

use core\task\adhoc_task;
use local_kyzmat\local\outbox;
use moodle_exception;

/**
 * Sends hints soon after they were noted; Moodle repeats it with growing pauses while the panel does not answer.
 */
final class send_hints extends adhoc_task {
    /**
     * Send.
     */
    public function execute(): void {
        if (!outbox::deliver()) {
            throw new moodle_exception('hintsleft', 'local_kyzmat');
        }
    }
}
