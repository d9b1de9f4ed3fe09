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
 * What the plugin keeps of people.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\privacy;

use context;
use context_system;
use core_privacy\local\metadata\collection;
use core_privacy\local\request\approved_contextlist;
use core_privacy\local\request\approved_userlist;
use core_privacy\local\request\contextlist;
use core_privacy\local\request\userlist;
use core_privacy\local\request\writer;

/**
 * Cards, language, log of attempts and hints belong to people; what is pulled leaves the site.
 */
final class provider implements
    \core_privacy\local\metadata\provider,
    \core_privacy\local\request\core_userlist_provider,
    \core_privacy\local\request\plugin\provider {
    /** Tables with a column userid, and what is told of each. */
    private const TABLES = [
        'local_kyzmat_card' => ['cardid', 'kind', 'titles', 'bodies', 'url', 'due', 'state', 'timemodified'],
        'local_kyzmat_person' => ['lang'],
        'local_kyzmat_change' => ['kind', 'itemid', 'fingerprint', 'data', 'timecreated'],
        'local_kyzmat_outbox' => ['body', 'timecreated'],
    ];

    /**
     * What is kept and what leaves the site.
     *
     * @param collection $collection
     * @return collection
     */
    public static function get_metadata(collection $collection): collection {
        foreach (self::TABLES as $table => $fields) {
            $told = ['userid' => 'privacy:metadata:userid'];
            foreach ($fields as $field) {
                $told[$field] = "privacy:metadata:$table:$field";
            }
            $collection->add_database_table($table, $told, "privacy:metadata:$table");
        }
        $collection->add_external_location_link('panel', [
            'idnumber' => 'privacy:metadata:panel:idnumber',
            'results' => 'privacy:metadata:panel:results',
            'completions' => 'privacy:metadata:panel:completions',
        ], 'privacy:metadata:panel');
        return $collection;
    }

    /**
     * Everything is kept at system level.
     *
     * @param int $userid
     * @return contextlist
     */
    public static function get_contexts_for_userid(int $userid): contextlist {
        global $DB;
        $list = new contextlist();
        foreach (array_keys(self::TABLES) as $table) {
            if ($DB->record_exists($table, ['userid' => $userid])) {
                $list->add_system_context();
                break;
            }
        }
        return $list;
    }

    /**
     * People of whom something is kept.
     *
     * @param userlist $userlist
     */
    public static function get_users_in_context(userlist $userlist): void {
        if ($userlist->get_context() instanceof context_system) {
            foreach (array_keys(self::TABLES) as $table) {
                $userlist->add_from_sql('userid', "SELECT userid FROM {{$table}} WHERE userid > 0", []);
            }
        }
    }

    /**
     * Hand out what is kept of a person.
     *
     * @param approved_contextlist $contextlist
     */
    public static function export_user_data(approved_contextlist $contextlist): void {
        global $DB;
        foreach ($contextlist->get_contexts() as $context) {
            if (!$context instanceof context_system) {
                continue;
            }
            foreach (self::TABLES as $table => $fields) {
                $rows = $DB->get_records($table, ['userid' => $contextlist->get_user()->id], 'id', 'id, ' . implode(', ', $fields));
                if ($rows) {
                    $path = [get_string('pluginname', 'local_kyzmat'), get_string("privacy:metadata:$table", 'local_kyzmat')];
                    writer::with_context($context)->export_data($path, (object) ['rows' => array_values($rows)]);
                }
            }
        }
    }

    /**
     * Forget everyone.
     *
     * @param context $context
     */
    public static function delete_data_for_all_users_in_context(context $context): void {
        global $DB;
        if ($context instanceof context_system) {
            foreach (array_keys(self::TABLES) as $table) {
                $DB->delete_records_select($table, 'userid > 0');
            }
        }
    }

    /**
     * Forget a person.
     *
     * @param approved_contextlist $contextlist
     */
    public static function delete_data_for_user(approved_contextlist $contextlist): void {
        foreach ($contextlist->get_contexts() as $context) {
            if ($context instanceof context_system) {
                self::forget([$contextlist->get_user()->id]);
            }
        }
    }

    /**
     * Forget some people.
     *
     * @param approved_userlist $userlist
     */
    public static function delete_data_for_users(approved_userlist $userlist): void {
        if ($userlist->get_context() instanceof context_system) {
            self::forget($userlist->get_userids());
        }
    }

    /**
     * Delete what is kept of people.
     *
     * @param array $userids
     */
    private static function forget(array $userids): void {
        global $DB;
        foreach (array_keys(self::TABLES) as $table) {
            $DB->delete_records_list($table, 'userid', $userids);
        }
    }
}
