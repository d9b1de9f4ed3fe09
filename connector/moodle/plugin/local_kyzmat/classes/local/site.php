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
 * What the plugin says of its site.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use context;

/**
 * Versions, clock, limits, rights.
 */
final class site {
    /** Version of the contract. */
    public const WIRE = 1;

    /** What the account needs; one that this Moodle does not know is left out. */
    public const CAPABILITIES = [
        'enrol/manual:enrol',
        'enrol/manual:unenrol',
        'local/kyzmat:manage',
        'mod/qbank:addinstance',
        'mod/quiz:addinstance',
        'mod/quiz:manage',
        'mod/quiz:manageoverrides',
        'mod/quiz:view',
        'mod/quiz:viewreports',
        'moodle/course:activityvisibility',
        'moodle/course:create',
        'moodle/course:manageactivities',
        'moodle/course:managegroups',
        'moodle/course:update', // Core tells a course's idnumber only to those who may edit it.
        'moodle/course:view',
        'moodle/course:viewhiddencourses',
        'moodle/question:add',
        'moodle/question:managecategory',
        'moodle/question:useall',
        'moodle/user:create',
        'moodle/user:update',
        'report/completion:view',
        'webservice/rest:use',
    ];

    /**
     * What get_site answers.
     *
     * @param context $context the system's
     * @return array
     */
    public static function describe(context $context): array {
        global $CFG;
        $known = array_values(array_filter(self::CAPABILITIES, fn($name) => get_capability_info($name) !== null));
        return [
            'wire' => self::WIRE,
            'pluginversion' => (string) get_config('local_kyzmat', 'version'),
            'release' => $CFG->release,
            'branch' => (int) $CFG->branch,
            'servertime' => time(),
            'timezone' => \core_date::get_server_timezone(),
            'cronlastrun' => (int) get_config('tool_task', 'lastcronstart'),
            'bankcontext' => banks::are_modules() ? 'module' : 'course',
            'limits' => [
                'questions' => limits::QUESTIONS,
                'people' => limits::PEOPLE,
                'attempts' => limits::ATTEMPTS,
                'cards' => limits::CARDS,
            ],
            'capabilities' => array_map(
                fn($name) => ['name' => $name, 'allowed' => has_capability($name, $context)],
                $known,
            ),
        ];
    }
}
