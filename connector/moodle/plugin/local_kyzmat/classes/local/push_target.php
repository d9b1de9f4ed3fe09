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
 * Where hints are sent to.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use invalid_parameter_exception;
use stdClass;

/**
 * The panel's address for hints: one for the site.
 */
final class push_target {
    /** Events a hint may tell of. */
    public const EVENTS = ['attempt_finished', 'attempt_regraded', 'attempt_deleted', 'completion'];

    /**
     * Set the address; an empty one stops the hints.
     *
     * @param string $url
     * @param string $secret
     * @param array $events
     * @return string outcome
     */
    public static function save(string $url, string $secret, array $events): string {
        global $DB;
        if ($url !== '' && !in_array(parse_url($url, PHP_URL_SCHEME), ['http', 'https'], true)) {
            throw new invalid_parameter_exception('url => not a web address');
        }
        if (array_diff($events, self::EVENTS)) {
            throw new invalid_parameter_exception('events => one of ' . implode(', ', self::EVENTS));
        }
        if ($url !== '' && $secret === '') {
            throw new invalid_parameter_exception('secret => must not be empty');
        }
        $wanted = ['url' => $url, 'secret' => $secret, 'events' => json_encode(array_values($events))];
        $row = self::get();
        if ($row !== null && [$row->url, $row->secret, $row->events] === array_values($wanted)) {
            return 'unchanged';
        }
        $wanted['timemodified'] = time();
        if ($row === null) {
            $DB->insert_record('local_kyzmat_push', (object) $wanted);
            return 'created';
        }
        $DB->update_record('local_kyzmat_push', (object) ($wanted + ['id' => $row->id]));
        return 'updated';
    }

    /**
     * The row of the address, or null when none was ever set.
     *
     * @return stdClass|null
     */
    public static function get(): ?stdClass {
        global $DB;
        $rows = $DB->get_records('local_kyzmat_push', null, 'id', '*', 0, 1);
        return $rows ? reset($rows) : null;
    }

    /**
     * Whether the panel wants to hear of an event.
     *
     * @param string $event
     * @return bool
     */
    public static function wants(string $event): bool {
        $row = self::get();
        return $row !== null && $row->url !== '' && in_array($event, json_decode($row->events, true), true);
    }
}
