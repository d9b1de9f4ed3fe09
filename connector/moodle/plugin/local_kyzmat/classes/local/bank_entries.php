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
 * What is in a question bank now.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

/**
 * The latest version of each entry of a bank, with what the panel knows of it.
 */
final class bank_entries {
    /** What is told of a version. */
    private const FIELDS = "qbe.id AS entryid, qbe.idnumber, qbe.questioncategoryid, q.id AS questionid, qv.version,
        qv.status, q.timemodified, q.qtype, w.contenthash AS written, w.timewritten";

    /** Where it stands. */
    private const FROM = "{question_bank_entries} qbe
        JOIN {question_versions} qv ON qv.questionbankentryid = qbe.id
        JOIN {question} q ON q.id = qv.questionid AND q.parent = 0
        LEFT JOIN {local_kyzmat_version} w ON w.questionid = q.id";

    /** Only the latest version. */
    private const LATEST = "qv.version = (SELECT MAX(v.version) FROM {question_versions} v WHERE v.questionbankentryid = qbe.id)";

    /** @var categories */
    public readonly categories $categories;

    /**
     * Constructor.
     *
     * @param bank $bank
     */
    public function __construct(private readonly bank $bank) {
        $this->categories = new categories($bank);
    }

    /**
     * Rows of entries by their idnumbers.
     *
     * @param array $idnumbers
     * @return array idnumber => list of rows; more than one when somebody made the idnumber twice
     */
    public function by_idnumber(array $idnumbers): array {
        global $DB;
        $found = [];
        foreach (array_chunk(array_values(array_unique(array_map('strval', $idnumbers))), 1000) as $part) {
            [$in, $params] = $DB->get_in_or_equal($part, SQL_PARAMS_NAMED);
            foreach ($this->rows(self::LATEST . " AND qbe.idnumber $in", $params) as $row) {
                $found[$row->idnumber][] = $row;
            }
        }
        return $found;
    }

    /**
     * One version of an entry, or null.
     *
     * @param string $idnumber
     * @param int $version 0 = the latest
     * @return \stdClass|null
     */
    public function version(string $idnumber, int $version): ?\stdClass {
        $which = $version === 0 ? self::LATEST : 'qv.version = :version';
        $params = $version === 0 ? [] : ['version' => $version];
        $rows = $this->rows("$which AND qbe.idnumber = :idnumber", ['idnumber' => $idnumber] + $params);
        return $rows ? reset($rows) : null;
    }

    /**
     * Entries by their ids.
     *
     * @param array $entryids
     * @return array entry id => row
     */
    public function by_id(array $entryids): array {
        global $DB;
        if (!$entryids) {
            return [];
        }
        [$in, $params] = $DB->get_in_or_equal($entryids, SQL_PARAMS_NAMED);
        return $this->rows(self::LATEST . " AND qbe.id $in", $params);
    }

    /**
     * How many entries there are.
     *
     * @return int
     */
    public function count(): int {
        global $DB;
        [$in, $params] = $this->in_bank();
        return $DB->count_records_sql(
            "SELECT COUNT(1) FROM " . self::FROM . " WHERE qbe.questioncategoryid $in AND " . self::LATEST,
            $params,
        );
    }

    /**
     * SELECT for the change log.
     *
     * @return array [sql, params]
     */
    public function for_log(): array {
        global $DB;
        [$in, $params] = $this->in_bank();
        $print = $DB->sql_concat('q.id', "'|'", 'qv.status', "'|'", 'qbe.questioncategoryid', "'|'", 'q.timemodified', "'|'",
            "COALESCE(qbe.idnumber, '')");
        $sql = "SELECT qbe.id AS itemid, 0 AS userid, $print AS fingerprint, q.timemodified AS sortorder, 1 AS fresh
                  FROM " . self::FROM . "
                 WHERE qbe.questioncategoryid $in AND " . self::LATEST;
        return [$sql, $params];
    }

    /**
     * Rows that fit, by entry id.
     *
     * @param string $where
     * @param array $params
     * @return array
     */
    private function rows(string $where, array $params): array {
        global $DB;
        [$in, $bankparams] = $this->in_bank();
        return $DB->get_records_sql(
            "SELECT " . self::FIELDS . ",
                    (SELECT MAX(k.version) FROM {local_kyzmat_version} k
                      WHERE k.entryid = qbe.id AND k.version <= qv.version) AS knownversion
               FROM " . self::FROM . "
              WHERE qbe.questioncategoryid $in AND $where
           ORDER BY qbe.id",
            $bankparams + $params,
        );
    }

    /**
     * Condition for the categories of the bank.
     *
     * @return array
     */
    private function in_bank(): array {
        global $DB;
        return $DB->get_in_or_equal($this->categories->ids(), SQL_PARAMS_NAMED, 'cat');
    }

    /**
     * Whether the version was not written by the panel, or was edited since.
     *
     * @param \stdClass $row
     * @return bool
     */
    public static function is_foreign(\stdClass $row): bool {
        return $row->written === null || (int) $row->timewritten !== (int) $row->timemodified;
    }

    /**
     * Rows as they are answered.
     *
     * @param array $rows
     * @return array
     */
    public function states(array $rows): array {
        $hashes = $this->known_hashes($rows);
        return array_map(fn($row) => [
            'idnumber' => (string) $row->idnumber,
            'entryid' => (int) $row->entryid,
            'questionid' => (int) $row->questionid,
            'version' => (int) $row->version,
            'status' => $row->status,
            'contenthash' => $row->written ?? $hashes[$row->entryid . '/' . $row->knownversion] ?? '',
            'categorypath' => $this->categories->path((int) $row->questioncategoryid),
            'foreign' => self::is_foreign($row),
            'timemodified' => (int) $row->timemodified,
        ], array_values($rows));
    }

    /**
     * Hashes of the last versions of the panel, for entries that have a later one by somebody else.
     *
     * @param array $rows
     * @return array "entry/version" => hash
     */
    private function known_hashes(array $rows): array {
        global $DB;
        $foreign = array_filter($rows, fn($row) => $row->written === null && $row->knownversion !== null);
        if (!$foreign) {
            return [];
        }
        [$in, $params] = $DB->get_in_or_equal(array_column($foreign, 'entryid'));
        $found = [];
        foreach ($DB->get_records_select('local_kyzmat_version', "entryid $in", $params) as $known) {
            $found[$known->entryid . '/' . $known->version] = $known->contenthash;
        }
        return $found;
    }
}
