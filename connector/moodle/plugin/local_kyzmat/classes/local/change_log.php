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
 * Order in which lists report changes.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use stdClass;

/**
 * Numbers what has changed at the moment it is read, one reader at a time.
 *
 * Times cannot order changes: a transaction that began earlier may become visible later. A change gets its number once it
 * is visible, so a reader who goes on from a number misses nothing and reads nothing twice. What vanished without an
 * event (a course reset deletes attempts so) is seen as well.
 */
final class change_log {
    /**
     * Constructor.
     *
     * @param string $kind attempt, entry or member
     */
    public function __construct(private readonly string $kind) {
    }

    /**
     * Give numbers to everything of a scope that is new or other than logged.
     *
     * @param int $scopeid
     * @param string $present SELECT of itemid, userid, fingerprint, sortorder and fresh (1 = to be logged when not yet there)
     * @param array $params of that SELECT
     * @param callable|null $describe JSON kept for an item that will be gone one day; gets the row
     */
    public function follow(int $scopeid, string $present, array $params, ?callable $describe = null): void {
        $lock = operation::lock("log/$this->kind/$scopeid");
        try {
            $this->log_changed($scopeid, $present, $params, $describe);
            $this->log_gone($scopeid, $present, $params);
        } finally {
            $lock->release();
        }
    }

    /**
     * Log what is new or changed.
     *
     * @param int $scopeid
     * @param string $present
     * @param array $params
     * @param callable|null $describe
     */
    private function log_changed(int $scopeid, string $present, array $params, ?callable $describe): void {
        global $DB;
        $changed = $DB->get_recordset_sql(
            "SELECT cur.*, k.id AS logid
               FROM ($present) cur
          LEFT JOIN {local_kyzmat_change} k ON k.kind = :logkind AND k.scopeid = :logscope AND k.itemid = cur.itemid
              WHERE (k.id IS NULL AND cur.fresh = 1) OR (k.id IS NOT NULL AND k.fingerprint <> cur.fingerprint)
           ORDER BY cur.sortorder, cur.itemid",
            ['logkind' => $this->kind, 'logscope' => $scopeid] + $params,
        );
        $rows = [];
        $former = [];
        foreach ($changed as $row) {
            $rows[] = $this->row($scopeid, (int) $row->itemid, (int) $row->userid, $row->fingerprint, 0,
                $describe === null ? null : $describe($row));
            if ($row->logid !== null) {
                $former[] = $row->logid;
            }
        }
        $changed->close();
        $this->replace($former, $rows);
    }

    /**
     * Log what was there and is there no more.
     *
     * @param int $scopeid
     * @param string $present
     * @param array $params
     */
    private function log_gone(int $scopeid, string $present, array $params): void {
        global $DB;
        $gone = $DB->get_records_sql(
            "SELECT k.*
               FROM {local_kyzmat_change} k
          LEFT JOIN ($present) cur ON cur.itemid = k.itemid
              WHERE k.kind = :logkind AND k.scopeid = :logscope AND k.gone = 0 AND cur.itemid IS NULL
           ORDER BY k.id",
            ['logkind' => $this->kind, 'logscope' => $scopeid] + $params,
        );
        $rows = array_map(
            fn($row) => $this->row($scopeid, (int) $row->itemid, (int) $row->userid, 'gone', 1, $row->data),
            array_values($gone),
        );
        $this->replace(array_keys($gone), $rows);
    }

    /**
     * A row of the log.
     *
     * @param int $scopeid
     * @param int $itemid
     * @param int $userid
     * @param string $fingerprint
     * @param int $gone
     * @param string|null $data
     * @return stdClass
     */
    private function row(int $scopeid, int $itemid, int $userid, string $fingerprint, int $gone, ?string $data): stdClass {
        return (object) [
            'kind' => $this->kind,
            'scopeid' => $scopeid,
            'itemid' => $itemid,
            'userid' => $userid,
            'fingerprint' => $fingerprint,
            'gone' => $gone,
            'data' => $data,
            'timecreated' => time(),
        ];
    }

    /**
     * Take rows out and put others in, together: a reader must never see neither.
     *
     * @param array $former ids
     * @param array $rows
     */
    private function replace(array $former, array $rows): void {
        global $DB;
        if (!$rows) {
            return;
        }
        $transaction = $DB->start_delegated_transaction();
        foreach (array_chunk($former, 1000) as $ids) {
            $DB->delete_records_list('local_kyzmat_change', 'id', $ids);
        }
        foreach ($rows as $row) {
            $DB->insert_record('local_kyzmat_change', $row, false, true);
        }
        $transaction->allow_commit();
    }

    /**
     * The next rows of some scopes after a change, at most $size, and whether more follow.
     *
     * The present is compared with the log only when the log alone does not fill the page.
     *
     * @param array $scopeids
     * @param int $after
     * @param int $size
     * @param bool $withgone
     * @param callable $follow calls follow() for every scope
     * @return array [rows, more]
     */
    public function page(array $scopeids, int $after, int $size, bool $withgone, callable $follow): array {
        if (!$scopeids) {
            return [[], false];
        }
        $rows = $after === 0 ? [] : $this->rows($scopeids, $after, $size + 1, $withgone);
        if (count($rows) <= $size) {
            $follow();
            $rows = $this->rows($scopeids, $after, $size + 1, $withgone);
        }
        return [array_slice($rows, 0, $size), count($rows) > $size];
    }

    /**
     * Rows of the log.
     *
     * @param array $scopeids
     * @param int $after
     * @param int $most
     * @param bool $withgone
     * @return array
     */
    private function rows(array $scopeids, int $after, int $most, bool $withgone): array {
        global $DB;
        [$in, $params] = $DB->get_in_or_equal($scopeids, SQL_PARAMS_NAMED);
        $gone = $withgone ? '' : 'AND gone = 0';
        return array_values($DB->get_records_select(
            'local_kyzmat_change',
            "kind = :kind AND scopeid $in AND id > :after $gone",
            ['kind' => $this->kind, 'after' => $after] + $params,
            'id',
            '*',
            0,
            $most,
        ));
    }
}
