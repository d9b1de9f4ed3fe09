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
 * Putting questions into a bank.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use stdClass;

/**
 * Carries out the items of one import; a bad item spoils nothing else.
 */
final class bank_import {
    /** @var bank_entries */
    private readonly bank_entries $entries;

    /** @var question_writer */
    private readonly question_writer $writer;

    /**
     * Constructor.
     *
     * @param bank $bank
     */
    public function __construct(private readonly bank $bank) {
        $this->entries = new bank_entries($bank);
        $this->writer = new question_writer($bank);
    }

    /**
     * Create questions or new versions of them.
     *
     * @param array $items
     * @return array results in the order of the items
     */
    public function run(array $items): array {
        $present = $this->entries->by_idnumber(array_column($items, 'idnumber'));
        $seen = [];
        $results = [];
        foreach ($items as $item) {
            $name = 'id:' . $item['idnumber'];
            $results[] = isset($seen[$name])
                ? self::result($item, 'invalid', 'twice in one call')
                : $this->one($item, $present[$item['idnumber']] ?? []);
            $seen[$name] = true;
        }
        return $results;
    }

    /**
     * One item.
     *
     * @param array $item
     * @param array $rows entries with its idnumber
     * @return array
     */
    private function one(array $item, array $rows): array {
        $wrong = self::wrong($item);
        if ($wrong !== '') {
            return self::result($item, 'invalid', $wrong);
        }
        $row = $rows[0] ?? null;
        if (count($rows) > 1) {
            return self::result($item, 'conflict', 'the idnumber is there ' . count($rows) . ' times', $row);
        }
        $version = (int) ($row->version ?? 0);
        if ($item['expectedversion'] !== $version) {
            return self::result($item, 'conflict', "expected version {$item['expectedversion']}, found $version", $row);
        }
        if ($row !== null && $row->written === $item['contenthash'] && !bank_entries::is_foreign($row)) {
            return $this->same_content($item, $row);
        }
        return $this->new_version($item, $row);
    }

    /**
     * What is wrong with an item before its source is read; "" = nothing.
     *
     * @param array $item
     * @return string
     */
    private static function wrong(array $item): string {
        if (trim($item['idnumber']) === '' || \core_text::strlen($item['idnumber']) > limits::IDNUMBER) {
            return 'an idnumber has 1 to ' . limits::IDNUMBER . ' characters';
        }
        if (!preg_match('/^[!-~]{1,128}\z/', $item['contenthash'])) {
            return 'contenthash is not a hash';
        }
        return categories::wrong($item['categorypath']);
    }

    /**
     * Nothing new in the question; it may still have moved to another category.
     *
     * @param array $item
     * @param stdClass $row
     * @return array
     */
    private function same_content(array $item, stdClass $row): array {
        $moved = $this->move($row, $this->entries->categories->make($item['categorypath']));
        return self::result($item, $moved ? 'updated' : 'unchanged', '', $row);
    }

    /**
     * Put an entry into a category.
     *
     * @param stdClass $row
     * @param int $categoryid
     * @return bool whether it was in another one
     */
    private function move(stdClass $row, int $categoryid): bool {
        global $DB;
        $former = (int) $row->questioncategoryid;
        if ($former === $categoryid) {
            return false;
        }
        $DB->set_field('question_bank_entries', 'questioncategoryid', $categoryid, ['id' => $row->entryid]);
        $question = (object) ['id' => $row->questionid, 'category' => $former, 'qtype' => $row->qtype];
        \core\event\question_moved::create_from_question_instance($question, $this->bank->context,
            ['oldcategoryid' => $former, 'newcategoryid' => $categoryid])->trigger();
        \question_bank::notify_question_edited($row->questionid);
        return true;
    }

    /**
     * Write the item's source as a new version.
     *
     * @param array $item
     * @param stdClass|null $row present entry
     * @return array
     */
    private function new_version(array $item, ?stdClass $row): array {
        global $DB;
        try {
            $question = question_source::read($item['idnumber'], $item['format'], $item['source']);
            $categoryid = $this->entries->categories->make($item['categorypath']);
            $made = $this->writer->write($question, $categoryid, (int) ($row->entryid ?? 0));
        } catch (invalid_question $refusal) {
            return self::result($item, 'invalid', $refusal->getMessage(), $row);
        }
        if ($row !== null) {
            $this->move($row, $categoryid);
        }
        $DB->insert_record('local_kyzmat_version', (object) [
            'questionid' => $made->questionid,
            'entryid' => $made->entryid,
            'version' => $made->version,
            'contenthash' => $item['contenthash'],
            'timewritten' => $made->timemodified,
        ], false);
        return self::result($item, $row === null ? 'created' : 'newversion', '', $made);
    }

    /**
     * Hide or show questions.
     *
     * @param array $items
     * @return array results in the order of the items
     */
    public function set_status(array $items): array {
        $present = $this->entries->by_idnumber(array_column($items, 'idnumber'));
        return array_map(fn($item) => $this->one_status($item, $present[$item['idnumber']] ?? []), $items);
    }

    /**
     * One question's status.
     *
     * @param array $item
     * @param array $rows entries with its idnumber
     * @return array
     */
    private function one_status(array $item, array $rows): array {
        if (!in_array($item['status'], ['ready', 'hidden'], true)) {
            return self::result($item, 'invalid', "unknown status {$item['status']}");
        }
        if (!$rows) {
            return self::result($item, 'missing', 'there is no such question');
        }
        if (count($rows) > 1) {
            return self::result($item, 'conflict', 'the idnumber is there ' . count($rows) . ' times', $rows[0]);
        }
        if ($rows[0]->status === $item['status']) {
            return self::result($item, 'unchanged', '', $rows[0]);
        }
        $this->write_status($rows[0], $item['status']);
        return self::result($item, 'updated', '', $rows[0]);
    }

    /**
     * Write a status. All earlier versions are hidden with the latest: random slots would fall back on them.
     *
     * @param stdClass $row
     * @param string $status
     */
    private function write_status(stdClass $row, string $status): void {
        global $DB;
        $which = $status === 'hidden' ? ['questionbankentryid' => $row->entryid] : ['questionid' => $row->questionid];
        $DB->set_field('question_versions', 'status', $status, $which);
        $row->status = $status;
        \question_bank::notify_question_edited($row->questionid);
        $question = (object) ['id' => $row->questionid, 'category' => $row->questioncategoryid, 'qtype' => $row->qtype];
        \core\event\question_updated::create_from_question_instance($question, $this->bank->context)->trigger();
    }

    /**
     * The answer for an item.
     *
     * @param array $item
     * @param string $outcome
     * @param string $message
     * @param stdClass|null $row
     * @return array
     */
    private static function result(array $item, string $outcome, string $message = '', ?stdClass $row = null): array {
        return [
            'idnumber' => $item['idnumber'],
            'outcome' => $outcome,
            'entryid' => (int) ($row->entryid ?? 0),
            'questionid' => (int) ($row->questionid ?? 0),
            'version' => (int) ($row->version ?? 0),
            'message' => $message,
        ];
    }
}
