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
 * Hints on their way.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use core\task\manager;
use core\uuid;
use local_kyzmat\task\send_hints;
use stdClass;

/**
 * Notes hints with the change they tell of, and delivers them later: at least once, in any order.
 */
final class outbox {
    /** A hint that nobody took for so long is thrown away; the panel pulls anyway. */
    private const MOST_TRIES = 12;

    /** Hints sent in one run. */
    private const BATCH = 500;

    /**
     * Note a hint.
     *
     * @param string $event
     * @param array $subject testidnumber or courseidnumber
     * @param int $userid
     */
    public static function note(string $event, array $subject, int $userid): void {
        global $DB;
        if (!push_target::wants($event)) {
            return;
        }
        $delivery = uuid::generate();
        $idnumber = $DB->get_field('user', 'idnumber', ['id' => $userid]);
        $body = ['deliveryid' => $delivery, 'event' => $event] + $subject
            + ['useridnumber' => results::person($userid, $idnumber ?: ''), 'timemodified' => time()];
        $DB->insert_record('local_kyzmat_outbox', (object) [
            'deliveryid' => $delivery,
            'userid' => $userid,
            'body' => json_encode($body, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES),
            'tries' => 0,
            'timecreated' => time(),
        ]);
        $task = new send_hints();
        $task->set_component('local_kyzmat');
        manager::queue_adhoc_task($task, true);
    }

    /**
     * Send what is there, oldest first; stops at the first that is not taken, since the next would not be either.
     *
     * @return bool whether nothing is left
     */
    public static function deliver(): bool {
        global $DB;
        $target = push_target::get();
        if ($target === null || $target->url === '') {
            $DB->delete_records('local_kyzmat_outbox');
            return true;
        }
        foreach ($DB->get_records('local_kyzmat_outbox', null, 'id', '*', 0, self::BATCH) as $hint) {
            if (!self::send($target, $hint->body)) {
                self::failed($hint);
                return false;
            }
            $DB->delete_records('local_kyzmat_outbox', ['id' => $hint->id]);
        }
        return !$DB->record_exists('local_kyzmat_outbox', []);
    }

    /**
     * Count a try; give up after the last.
     *
     * @param stdClass $hint
     */
    private static function failed(stdClass $hint): void {
        global $DB;
        if ($hint->tries + 1 >= self::MOST_TRIES) {
            $DB->delete_records('local_kyzmat_outbox', ['id' => $hint->id]);
        } else {
            $DB->set_field('local_kyzmat_outbox', 'tries', $hint->tries + 1, ['id' => $hint->id]);
        }
    }

    /**
     * "v1=" and HMAC-SHA256 of "timestamp.body".
     *
     * @param string $secret
     * @param string $timestamp
     * @param string $body
     * @return string
     */
    public static function signature(string $secret, string $timestamp, string $body): string {
        return 'v1=' . hash_hmac('sha256', "$timestamp.$body", $secret);
    }

    /**
     * Send one hint.
     *
     * @param stdClass $target
     * @param string $body
     * @return bool whether it was taken
     */
    private static function send(stdClass $target, string $body): bool {
        ['status' => $status, 'error' => $error] = self::post($target, $body);
        return $error === '' && $status >= 200 && $status < 300;
    }

    /**
     * Knock at the panel now, with a signed body that tells of nothing; and say what is waiting.
     *
     * @return array target, status, error, waiting
     */
    public static function check(): array {
        global $DB;
        $target = push_target::get();
        $waiting = $DB->count_records('local_kyzmat_outbox');
        if ($target === null || $target->url === '') {
            return ['target' => '', 'status' => 0, 'error' => '', 'waiting' => $waiting];
        }
        $body = json_encode(['deliveryid' => uuid::generate(), 'event' => 'check', 'timemodified' => time()]);
        $place = parse_url($target->url);
        $port = isset($place['port']) ? ':' . $place['port'] : '';
        return ['target' => ($place['host'] ?? '') . $port] + self::post($target, $body) + ['waiting' => $waiting];
    }

    /**
     * Send a signed body.
     *
     * @param stdClass $target
     * @param string $body
     * @return array status (0 = no answer) and error ("" = there was an answer)
     */
    private static function post(stdClass $target, string $body): array {
        global $CFG;
        require_once($CFG->libdir . '/filelib.php');
        $timestamp = (string) time();
        // The site's own list of forbidden addresses counts unless an administrator has said otherwise for the panel.
        $curl = new \curl(['ignoresecurity' => (bool) get_config('local_kyzmat', 'pushanywhere')]);
        $curl->setHeader([
            'Content-Type: application/json',
            'X-Kyzmat-Timestamp: ' . $timestamp,
            'X-Kyzmat-Signature: ' . self::signature($target->secret, $timestamp, $body),
        ]);
        $curl->post($target->url, $body, ['CURLOPT_TIMEOUT' => 10, 'CURLOPT_CONNECTTIMEOUT' => 5, 'CURLOPT_FOLLOWLOCATION' => 0]);
        $status = (int) ($curl->get_info()['http_code'] ?? 0);
        // An address the site blocks is told as an error, with no status.
        return ['status' => $status, 'error' => $curl->get_errno() || $status === 0 ? (string) $curl->error : ''];
    }
}
