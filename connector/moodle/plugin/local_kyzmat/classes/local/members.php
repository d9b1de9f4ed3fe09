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
 * People of a course and groups that may enter a test.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use context_module;
use stdClass;

/**
 * Who may enter a test.
 */
final class members {
    /**
     * Ids of the groups a test is restricted to; empty = everyone.
     *
     * @param stdClass $cm
     * @return array
     */
    private static function groups(stdClass $cm): array {
        $condition = json_decode((string) $cm->availability);
        $found = [];
        foreach ($condition->c ?? [] as $one) {
            if (($one->type ?? '') === 'group' && isset($one->id)) {
                $found[] = (int) $one->id;
            }
        }
        return $found;
    }

    /**
     * SELECT of the ids of those who may sit a test.
     *
     * @param stdClass $cm
     * @return array [sql, params]
     */
    public static function sql(stdClass $cm): array {
        global $DB;
        [$sql, $params] = get_enrolled_sql(context_module::instance($cm->id), 'mod/quiz:attempt');
        $groups = self::groups($cm);
        if (!$groups) {
            return [$sql, $params];
        }
        [$in, $more] = $DB->get_in_or_equal($groups, SQL_PARAMS_NAMED, 'grp');
        return ["SELECT may.id FROM ($sql) may JOIN {groups_members} gm ON gm.userid = may.id AND gm.groupid $in", $params + $more];
    }
}
