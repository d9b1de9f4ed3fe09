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
 * Ledger of writing calls.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use core\lock\lock;
use core\lock\lock_config;
use invalid_parameter_exception;
use moodle_exception;

/**
 * Does each writing call once: its key is written in the same transaction as its effect.
 */
final class operation {
    /** Longest key. */
    private const MOST = 64;

    /** Seconds to wait for another call that writes the same thing. */
    private const PATIENCE = 120;

    /**
     * Run the work, unless its key was used before: then the kept result comes back and nothing is done.
     *
     * @param string $function short name of the function
     * @param array $given checked parameters with the opkey
     * @param string $resource what is written; two calls never write the same at a time
     * @param callable $work does it, returns the answer
     * @return array the answer with "replayed"
     */
    public static function run(string $function, array $given, string $resource, callable $work): array {
        $opkey = $given['opkey'];
        self::check_key($opkey);
        unset($given['opkey']);
        $hash = hash('sha256', $function . json_encode($given, JSON_INVALID_UTF8_SUBSTITUTE));
        $locks = [];
        try {
            $locks[] = self::lock('opkey/' . $opkey);
            $kept = self::kept($opkey, $hash);
            if ($kept !== null) {
                return $kept;
            }
            $locks[] = self::lock($resource);
            return self::carry_out($opkey, $hash, $work);
        } finally {
            foreach (array_reverse($locks) as $lock) {
                $lock->release();
            }
        }
    }

    /**
     * Wait for a named lock of the plugin.
     *
     * @param string $resource
     * @return lock to be released by the caller
     */
    public static function lock(string $resource): lock {
        $lock = lock_config::get_lock_factory('local_kyzmat')->get_lock($resource, self::PATIENCE);
        if (!$lock) {
            throw new moodle_exception('locktimeout');
        }
        return $lock;
    }

    /**
     * Refuse a key that is not 1 to 64 of A-Za-z0-9._-
     *
     * @param string $opkey
     */
    private static function check_key(string $opkey): void {
        if (!preg_match('~^[A-Za-z0-9._-]{1,' . self::MOST . '}\z~', $opkey)) {
            throw new invalid_parameter_exception('opkey => 1 to ' . self::MOST . ' of A-Za-z0-9._-');
        }
    }

    /**
     * The result kept for a key, or null.
     *
     * @param string $opkey
     * @param string $hash of the request
     * @return array|null
     */
    private static function kept(string $opkey, string $hash): ?array {
        global $DB;
        $row = $DB->get_record('local_kyzmat_operation', ['opkey' => $opkey]);
        if (!$row) {
            return null;
        }
        if ($row->requesthash !== $hash) {
            throw new moodle_exception('opkeyconflict', 'local_kyzmat', '', $opkey);
        }
        return ['replayed' => true] + json_decode($row->result, true);
    }

    /**
     * Do the work and keep its result, both or neither.
     *
     * @param string $opkey
     * @param string $hash
     * @param callable $work
     * @return array
     */
    private static function carry_out(string $opkey, string $hash, callable $work): array {
        global $DB, $USER;
        $transaction = $DB->start_delegated_transaction();
        try {
            $result = $work();
            $DB->insert_record('local_kyzmat_operation', (object) [
                'opkey' => $opkey,
                'requesthash' => $hash,
                'result' => json_encode($result, JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR),
                'userid' => $USER->id,
                'timecreated' => time(),
            ]);
            $transaction->allow_commit();
        } catch (\Throwable $failure) {
            $transaction->rollback($failure);
        }
        return ['replayed' => false] + $result;
    }
}
