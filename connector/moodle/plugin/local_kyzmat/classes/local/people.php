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
 * People of the panel.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use core_text;
use stdClass;

/**
 * Creates and changes accounts. A bad item spoils nothing else.
 */
final class people {
    /** Languages the panel speaks. */
    public const LANGUAGES = ['ky', 'ru', 'kk', 'en'];

    /** Columns compared and written as they are given. */
    private const PLAIN = ['username', 'firstname', 'lastname', 'email'];

    /** Where nobody has a mailbox (RFC 2606): Moodle lets nobody without an address into a course, and sends nothing here. */
    private const NO_MAILBOX = '@kyzmat.invalid';

    /**
     * Create or change people.
     *
     * @param array $people
     * @return array results in their order
     */
    public static function save(array $people): array {
        global $CFG;
        require_once($CFG->dirroot . '/user/lib.php');
        $present = self::present($people);
        $results = [];
        foreach ($people as $person) {
            $row = $present[$person['idnumber']] ?? null;
            $wrong = self::wrong($person, $row);
            $results[] = $wrong !== '' ? self::result($person, 'invalid', 0, $wrong) : self::one($person, $row, $present);
        }
        return $results;
    }

    /**
     * Accounts of these people by idnumber.
     *
     * @param array $people
     * @return array
     */
    private static function present(array $people): array {
        global $DB;
        $found = [];
        $ids = array_values(finder::users(array_column($people, 'idnumber')));
        foreach ($ids ? $DB->get_records_list('user', 'id', $ids) : [] as $row) {
            $found[$row->idnumber] = $row;
        }
        return $found;
    }

    /**
     * What is wrong with a person; "" = nothing.
     *
     * @param array $person
     * @param stdClass|null $row present account
     * @return string
     */
    private static function wrong(array $person, ?stdClass $row): string {
        if (trim($person['idnumber']) === '' || core_text::strlen($person['idnumber']) > 255) {
            return 'idnumber is empty or too long';
        }
        if (!preg_match('/^[a-z0-9_.@-]{1,100}\z/', $person['username'])) {
            return 'username must be of a-z 0-9 _ . @ -';
        }
        foreach (['firstname', 'lastname'] as $name) {
            $given = $person[$name];
            if (trim($given) === '' || core_text::strlen($given) > 100 || clean_param($given, PARAM_NOTAGS) !== $given) {
                return 'firstname and lastname must not be empty, longer than 100 or hold tags';
            }
        }
        if ($person['email'] !== '' && (!validate_email($person['email']) || core_text::strlen($person['email']) > 100)) {
            return 'email is not an address';
        }
        if (!in_array($person['lang'], self::LANGUAGES, true)) {
            return "unknown language {$person['lang']}";
        }
        $errors = '';
        $policy = $person['password'] === '' || check_password_policy($person['password'], $errors, $row);
        return $policy ? '' : trim(html_to_text($errors, 0));
    }

    /**
     * One person.
     *
     * @param array $person
     * @param stdClass|null $row present account
     * @param array $present accounts; a new one is added
     * @return array
     */
    private static function one(array $person, ?stdClass $row, array &$present): array {
        global $CFG, $DB;
        $holder = $DB->get_record('user', ['username' => $person['username'], 'mnethostid' => $CFG->mnet_localhost_id], 'id');
        if ($holder && (int) $holder->id !== (int) ($row->id ?? 0)) {
            return self::result($person, 'conflict', 0, "username {$person['username']} belongs to another person");
        }
        if ($row !== null && is_siteadmin($row->id)) {
            return self::result($person, 'conflict', 0, 'an administrator of the site is not changed by the panel');
        }
        $person['email'] = self::address($person, $row);
        if ($row === null) {
            $userid = self::add($person);
            $present[$person['idnumber']] = $DB->get_record('user', ['id' => $userid], '*', MUST_EXIST);
            return self::result($person, 'created', $userid);
        }
        $changed = self::change($person, $row);
        if ($changed) {
            $present[$person['idnumber']] = $DB->get_record('user', ['id' => $row->id], '*', MUST_EXIST);
        }
        return self::result($person, $changed ? 'updated' : 'unchanged', (int) $row->id);
    }

    /**
     * The person's address; without one that of the account, which the person may have typed in, or a placeholder.
     *
     * @param array $person
     * @param stdClass|null $row present account
     * @return string never empty
     */
    private static function address(array $person, ?stdClass $row): string {
        if ($person['email'] !== '') {
            return $person['email'];
        }
        $present = $row->email ?? '';
        return $present !== '' ? $present : 'person-' . substr(sha1($person['idnumber']), 0, 16) . self::NO_MAILBOX;
    }

    /**
     * A new account.
     *
     * @param array $person
     * @return int user id
     */
    private static function add(array $person): int {
        global $CFG;
        $user = (object) array_intersect_key($person, array_flip([...self::PLAIN, 'idnumber']));
        $user->auth = 'manual';
        $user->confirmed = 1;
        $user->mnethostid = $CFG->mnet_localhost_id;
        $user->suspended = (int) $person['suspended'];
        $user->emailstop = (int) str_ends_with($person['email'], self::NO_MAILBOX);
        $user->lang = self::site_language($person['lang']);
        // Without a password nobody can log in until there is one.
        $user->password = $person['password'] === '' ? AUTH_PASSWORD_NOT_CACHED : $person['password'];
        $userid = (int) user_create_user($user, $person['password'] !== '');
        self::keep_language($userid, $person['lang']);
        return $userid;
    }

    /**
     * Change an account.
     *
     * @param array $person
     * @param stdClass $row
     * @return bool whether anything was other
     */
    private static function change(array $person, stdClass $row): bool {
        $change = (object) ['id' => $row->id];
        foreach (self::PLAIN as $name) {
            if ($row->$name !== $person[$name]) {
                $change->$name = $person[$name];
            }
        }
        if (isset($change->email)) {
            $change->emailstop = (int) str_ends_with($person['email'], self::NO_MAILBOX);
        }
        if ((bool) $row->suspended !== $person['suspended']) {
            $change->suspended = (int) $person['suspended'];
        }
        $otherpassword = $person['password'] !== '' && !validate_internal_user_password($row, $person['password']);
        if ($otherpassword) {
            $change->password = $person['password'];
        }
        $otherlanguage = self::keep_language((int) $row->id, $person['lang']);
        if ($otherlanguage) {
            $change->lang = self::site_language($person['lang']);
        }
        if (count((array) $change) === 1) {
            return false;
        }
        user_update_user($change, $otherpassword);
        if ($otherpassword || $person['suspended']) {
            self::log_out((int) $row->id);
        }
        return true;
    }

    /**
     * The person's language if the site has its pack, otherwise the site's own.
     *
     * @param string $lang
     * @return string
     */
    private static function site_language(string $lang): string {
        global $CFG;
        return get_string_manager()->translation_exists($lang, false) ? $lang : $CFG->lang;
    }

    /**
     * Note the language the panel speaks to a person.
     *
     * @param int $userid
     * @param string $lang
     * @return bool whether it was another one
     */
    private static function keep_language(int $userid, string $lang): bool {
        global $DB;
        $kept = $DB->get_record('local_kyzmat_person', ['userid' => $userid]);
        if ($kept && $kept->lang === $lang) {
            return false;
        }
        if ($kept) {
            $DB->set_field('local_kyzmat_person', 'lang', $lang, ['id' => $kept->id]);
        } else {
            $DB->insert_record('local_kyzmat_person', (object) ['userid' => $userid, 'lang' => $lang]);
        }
        return true;
    }

    /**
     * Nobody goes on with what was given out before.
     *
     * @param int $userid
     */
    private static function log_out(int $userid): void {
        global $CFG;
        require_once($CFG->dirroot . '/webservice/lib.php');
        \webservice::delete_user_ws_tokens($userid);
        if (method_exists(\core\session\manager::class, 'destroy_user_sessions')) {
            \core\session\manager::destroy_user_sessions($userid);
        } else {
            \core\session\manager::kill_user_sessions($userid);
        }
    }

    /**
     * The answer for a person.
     *
     * @param array $person
     * @param string $outcome
     * @param int $userid
     * @param string $message
     * @return array
     */
    private static function result(array $person, string $outcome, int $userid, string $message = ''): array {
        return ['idnumber' => $person['idnumber'], 'outcome' => $outcome, 'userid' => $userid, 'message' => $message];
    }
}
