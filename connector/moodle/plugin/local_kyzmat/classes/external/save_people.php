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
 * local_kyzmat_save_people.
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
use local_kyzmat\local\limits;
use local_kyzmat\local\operation;
use local_kyzmat\local\people;

/**
 * Create or change people.
 */
final class save_people extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'opkey' => shapes::opkey(),
            'people' => shapes::items(new external_single_structure([
                'idnumber' => shapes::text('Person'),
                'username' => shapes::text('Name to log in with'),
                'firstname' => shapes::text('First name'),
                'lastname' => shapes::text('Last name'),
                'email' => shapes::text('Address; may be empty'),
                'lang' => shapes::text('ky, ru, kk or en'),
                'password' => shapes::text('New password; empty keeps the present one'),
                'suspended' => shapes::flag('Whether the person may not log in'),
            ]), 'People'),
        ]);
    }

    /**
     * Create or change people.
     *
     * @param string $opkey
     * @param array $people
     * @return array
     */
    public static function execute(string $opkey, array $people = []): array {
        $given = self::validate_parameters(self::execute_parameters(), compact('opkey', 'people'));
        limits::no_more_than(limits::PEOPLE, $given['people']);
        $context = context_system::instance();
        self::validate_context($context);
        require_all_capabilities(['moodle/user:create', 'moodle/user:update'], $context);
        return operation::run('save_people', $given, 'people', fn() => ['results' => people::save($given['people'])]);
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return shapes::results([
            'idnumber' => shapes::text('Person'),
            'userid' => shapes::number('user.id; 0 when there is none'),
        ]);
    }
}
