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
 * local_kyzmat_save_push.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\external;

use context_system;
use core_external\external_api;
use core_external\external_function_parameters;
use core_external\external_single_structure;
use local_kyzmat\local\operation;
use local_kyzmat\local\push_target;

/**
 * Where hints are sent to; an empty address stops them.
 */
final class save_push extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'opkey' => shapes::opkey(),
            'url' => shapes::text('Address of the panel; may be empty'),
            'secret' => shapes::text('Key of the signature'),
            'events' => shapes::items(shapes::text('Event'), 'Events to tell of'),
        ]);
    }

    /**
     * Where hints are sent to; an empty address stops them.
     *
     * @param string $opkey
     * @param string $url
     * @param string $secret
     * @param array $events
     * @return array
     */
    public static function execute(string $opkey, string $url, string $secret, array $events = []): array {
        $given = self::validate_parameters(self::execute_parameters(), compact('opkey', 'url', 'secret', 'events'));
        $context = context_system::instance();
        self::validate_context($context);
        require_capability('local/kyzmat:manage', $context);
        return operation::run('save_push', $given, 'push',
            fn() => ['outcome' => push_target::save($given['url'], $given['secret'], $given['events'])]);
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return shapes::written(['outcome' => shapes::outcome()]);
    }
}
