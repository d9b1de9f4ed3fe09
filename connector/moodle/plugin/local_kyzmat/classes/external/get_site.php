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
 * local_kyzmat_get_site.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\external;

use context_system;
use core_external\external_api;
use core_external\external_function_parameters;
use core_external\external_multiple_structure;
use core_external\external_single_structure;
use local_kyzmat\local\site;

/**
 * What the plugin says of its site.
 */
final class get_site extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([]);
    }

    /**
     * What the plugin says of its site.
     *
     * @return array
     */
    public static function execute(): array {
        self::validate_parameters(self::execute_parameters(), []);
        $context = context_system::instance();
        self::validate_context($context);
        require_capability('webservice/rest:use', $context);
        return site::describe($context);
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'wire' => shapes::number('Version of the contract'),
            'pluginversion' => shapes::text('Version of the plugin'),
            'release' => shapes::text('Release of Moodle'),
            'branch' => shapes::number('Branch of Moodle: 405, 500'),
            'servertime' => shapes::number('Epoch seconds'),
            'timezone' => shapes::text('Time zone of the site'),
            'cronlastrun' => shapes::number('Epoch seconds; 0 = never'),
            'bankcontext' => shapes::text('course or module'),
            'limits' => new external_single_structure([
                'questions' => shapes::number('Questions in one call'),
                'people' => shapes::number('People, members or overrides in one call'),
                'attempts' => shapes::number('Attempts in one answer'),
                'cards' => shapes::number('Cards in one call'),
            ]),
            'capabilities' => new external_multiple_structure(new external_single_structure([
                'name' => shapes::text('Capability'),
                'allowed' => shapes::flag('Whether the account has it at system level'),
            ])),
        ]);
    }
}
