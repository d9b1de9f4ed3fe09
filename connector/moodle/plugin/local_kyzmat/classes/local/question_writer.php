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
 * Writing questions as versions of entries.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use core_tag_tag;
use question_bank;
use stdClass;

/**
 * Inserts what Moodle's importer would, with the version and the entry the panel means.
 */
final class question_writer {
    /**
     * Constructor.
     *
     * @param bank $bank
     */
    public function __construct(private readonly bank $bank) {
    }

    /**
     * Write a new version. Throws invalid_question when Moodle refuses it; then nothing of it is left.
     *
     * @param stdClass $question as read
     * @param int $categoryid
     * @param int $entryid 0 = a new entry
     * @return stdClass entryid, questionid, version, timemodified
     */
    public function write(stdClass $question, int $categoryid, int $entryid): stdClass {
        $this->prepare($question, $categoryid);
        $made = $this->insert($question, $entryid);
        try {
            $this->save_texts($question);
            $this->save_options($question);
        } catch (invalid_question | \TypeError | \moodle_exception $failure) {
            $this->undo($question, $made, $entryid === 0);
            throw $failure instanceof invalid_question ? $failure : new invalid_question(strip_tags($failure->getMessage()));
        }
        if ($entryid !== 0) {
            question_bank::notify_question_edited($question->id);
        }
        return $made;
    }

    /**
     * Fields every question has.
     *
     * @param stdClass $question
     * @param int $categoryid
     */
    private function prepare(stdClass $question, int $categoryid): void {
        global $USER;
        unset($question->id);
        $question->context = $this->bank->context;
        $question->category = $categoryid;
        $question->stamp = make_unique_id_code();
        $question->createdby = $question->modifiedby = $USER->id;
        $question->timecreated = $question->timemodified = time();
    }

    /**
     * The rows of question, entry and version.
     *
     * @param stdClass $question gets its id
     * @param int $entryid 0 = a new entry
     * @return stdClass
     */
    private function insert(stdClass $question, int $entryid): stdClass {
        global $DB;
        $question->id = $DB->insert_record('question', $question);
        $version = $entryid === 0 ? 1 : self::next_version($entryid);
        if ($entryid === 0) {
            $entryid = $DB->insert_record('question_bank_entries', (object) [
                'questioncategoryid' => $question->category,
                'idnumber' => $question->idnumber,
                'ownerid' => $question->createdby,
                'nextversion' => 2, // The column came with Moodle 5; before, it is left out.
            ]);
        }
        $DB->insert_record('question_versions', (object) [
            'questionbankentryid' => $entryid,
            'questionid' => $question->id,
            'version' => $version,
            'status' => 'ready',
        ]);
        return (object) [
            'entryid' => (int) $entryid,
            'questionid' => (int) $question->id,
            'version' => $version,
            'timemodified' => $question->timemodified,
        ];
    }

    /**
     * The number of the next version of an entry.
     *
     * @param int $entryid
     * @return int
     */
    private static function next_version(int $entryid): int {
        if (class_exists('\core_question\versions')) {
            return \core_question\versions::get_next_version($entryid);
        }
        return get_next_version($entryid);
    }

    /**
     * Files that came with the texts.
     *
     * @param stdClass $question
     */
    private function save_texts(stdClass $question): void {
        global $DB;
        $changed = false;
        foreach (['questiontext', 'generalfeedback'] as $area) {
            $draft = $question->{$area . 'itemid'} ?? null;
            if ($draft !== null) {
                $question->$area = file_save_draft_area_files($draft, $this->bank->context->id, 'question', $area,
                    $question->id, ['subdirs' => true, 'maxfiles' => -1, 'maxbytes' => 0], $question->$area);
                file_clear_draft_area($draft);
                $changed = true;
            }
        }
        if ($changed) {
            $DB->update_record('question', $question);
        }
    }

    /**
     * Answers and what else belongs to the type; then the event and the tags.
     *
     * @param stdClass $question
     */
    private function save_options(stdClass $question): void {
        ob_start();
        try {
            $result = question_bank::get_qtype($question->qtype)->save_question_options($question);
        } finally {
            ob_end_clean();
        }
        // Core only asks back ("noticeyesno") when nobody could reach the full mark; here that is a refusal.
        $refusal = $result->error ?? $result->notice ?? $result->noticeyesno ?? '';
        if ($refusal !== '') {
            throw new invalid_question(strip_tags($refusal));
        }
        \core\event\question_created::create_from_question_instance($question, $this->bank->context)->trigger();
        $tags = array_merge($question->coursetags ?? [], $question->tags ?? []);
        if ($tags && core_tag_tag::is_enabled('core_question', 'question')) {
            core_tag_tag::set_item_tags('core_question', 'question', $question->id, $this->bank->context, $tags);
        }
    }

    /**
     * Take a half-written question out again.
     *
     * @param stdClass $question
     * @param stdClass $made
     * @param bool $withentry
     */
    private function undo(stdClass $question, stdClass $made, bool $withentry): void {
        global $DB;
        question_bank::get_qtype($question->qtype)->delete_question($made->questionid, $this->bank->context->id);
        $DB->delete_records('question_versions', ['questionid' => $made->questionid]);
        $DB->delete_records('question', ['id' => $made->questionid]);
        if ($withentry) {
            $DB->delete_records('question_bank_entries', ['id' => $made->entryid]);
        }
    }
}
