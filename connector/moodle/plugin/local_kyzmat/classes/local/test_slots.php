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
 * Questions of a test.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use context_module;
use moodle_exception;
use stdClass;

/**
 * Finds the questions a test wants, compares them with what it has, and writes them.
 */
final class test_slots {
    /**
     * Constructor.
     *
     * @param stdClass $course
     */
    public function __construct(private readonly stdClass $course) {
    }

    /**
     * The slots of a request, in order: fixed ones, then random ones.
     *
     * @param array $slots
     * @param array $sections
     * @return array of idnumber, entryid, questionid, version, maxmark, filter, contextid
     */
    public function wanted(array $slots, array $sections): array {
        $versions = $this->versions(array_column($slots, 'idnumber'));
        $wanted = array_map(fn($slot) => self::fixed($slot, $versions[$slot['idnumber']] ?? []), $slots);
        foreach ($sections as $section) {
            array_push($wanted, ...$this->random($section));
        }
        return $wanted;
    }

    /**
     * All versions of some questions in the banks of the panel.
     *
     * @param array $idnumbers
     * @return array idnumber => rows
     */
    private function versions(array $idnumbers): array {
        global $DB;
        $found = [];
        foreach (array_chunk(array_values(array_unique(array_map('strval', $idnumbers))), 1000) as $part) {
            [$in, $params] = $DB->get_in_or_equal($part, SQL_PARAMS_NAMED);
            $rows = $DB->get_records_sql(
                "SELECT q.id AS questionid, q.qtype, q.length, qv.version, qbe.id AS entryid, qbe.idnumber, place.courseid
                   FROM {question_bank_entries} qbe
                   JOIN {question_categories} qc ON qc.id = qbe.questioncategoryid
                   JOIN (" . self::places() . ") place ON place.contextid = qc.contextid
                   JOIN {question_versions} qv ON qv.questionbankentryid = qbe.id
                   JOIN {question} q ON q.id = qv.questionid AND q.parent = 0
                  WHERE qbe.idnumber $in
               ORDER BY qv.version",
                $params,
            );
            foreach ($rows as $row) {
                $found[$row->idnumber][] = $row;
            }
        }
        return array_map(fn($rows) => $this->own($rows), $found);
    }

    /**
     * SELECT of contexts that hold question banks, and their courses.
     *
     * @return string
     */
    private static function places(): string {
        if (banks::are_modules()) {
            return "SELECT ctx.id AS contextid, cm.course AS courseid
                      FROM {context} ctx
                      JOIN {course_modules} cm ON cm.id = ctx.instanceid AND cm.deletioninprogress = 0 AND cm.idnumber <> ''
                      JOIN {modules} m ON m.id = cm.module AND m.name = 'qbank'
                     WHERE ctx.contextlevel = " . CONTEXT_MODULE;
        }
        return "SELECT ctx.id AS contextid, ctx.instanceid AS courseid
                  FROM {context} ctx
                 WHERE ctx.contextlevel = " . CONTEXT_COURSE;
    }

    /**
     * Those in the course, otherwise all.
     *
     * @param array $rows
     * @return array
     */
    private function own(array $rows): array {
        $own = array_filter($rows, fn($row) => (int) $row->courseid === (int) $this->course->id);
        return array_values($own ?: $rows);
    }

    /**
     * A fixed slot.
     *
     * @param array $slot
     * @param array $rows versions of the question, ascending
     * @return array
     */
    private static function fixed(array $slot, array $rows): array {
        $named = "{$slot['idnumber']} version {$slot['version']}";
        if (count(array_unique(array_column($rows, 'entryid'))) > 1) {
            throw new moodle_exception('invalidquestion', 'local_kyzmat', '', "$named is there twice");
        }
        $fitting = array_filter($rows, fn($row) => (int) $row->version === $slot['version']);
        $row = $slot['version'] === 0 ? end($rows) : reset($fitting);
        if (!$row) {
            throw new moodle_exception('invalidquestion', 'local_kyzmat', '', $named);
        }
        if ((int) $row->length === 0 || $slot['maxmark'] <= 0) {
            throw new moodle_exception('invalidquestion', 'local_kyzmat', '', "$named cannot be marked");
        }
        return [
            'idnumber' => $slot['idnumber'],
            'entryid' => (int) $row->entryid,
            'questionid' => (int) $row->questionid,
            'version' => (int) $row->version,
            'maxmark' => (float) $slot['maxmark'],
            'filter' => null,
            'contextid' => 0,
        ];
    }

    /**
     * The slots of a random section.
     *
     * @param array $section
     * @return array
     */
    private function random(array $section): array {
        [$category, $pool] = $this->pool($section['categorypath']);
        if ($section['count'] < 1 || $section['maxmark'] <= 0) {
            throw new moodle_exception('invalidquestion', 'local_kyzmat', '', $section['categorypath'] . ' cannot be marked');
        }
        if ($section['count'] > $pool) {
            $detail = "{$section['categorypath']} has $pool of {$section['count']}";
            throw new moodle_exception('notenoughquestions', 'local_kyzmat', '', $detail);
        }
        $filter = ['filter' => ['category' => [
            'jointype' => 1,
            'values' => [(int) $category->id],
            'filteroptions' => ['includesubcategories' => true],
        ]]];
        $slot = [
            'idnumber' => '',
            'entryid' => 0,
            'questionid' => 0,
            'version' => 0,
            'maxmark' => (float) $section['maxmark'],
            'filter' => json_encode($filter),
            'contextid' => (int) $category->contextid,
        ];
        return array_fill(0, $section['count'], $slot);
    }

    /**
     * The category of a path in the banks of the course that holds most questions, and how many.
     *
     * @param string $path
     * @return array [category or null, count]
     */
    private function pool(string $path): array {
        global $DB;
        $best = [null, 0];
        foreach (self::banks_of($this->course) as $idnumber) {
            $categories = new categories(banks::find($idnumber));
            $ids = $categories->ids_below($path);
            if (!$ids) {
                continue;
            }
            [$in, $params] = $DB->get_in_or_equal($ids, SQL_PARAMS_NAMED);
            $count = $DB->count_records_sql(
                "SELECT COUNT(DISTINCT qbe.id)
                   FROM {question_bank_entries} qbe
                   JOIN {question_versions} qv ON qv.questionbankentryid = qbe.id AND qv.status = 'ready'
                   JOIN {question} q ON q.id = qv.questionid AND q.parent = 0 AND q.length > 0
                  WHERE qbe.questioncategoryid $in",
                $params,
            );
            if ($best[0] === null || $count > $best[1]) {
                $best = [$DB->get_record('question_categories', ['id' => $ids[0]], 'id, contextid', MUST_EXIST), $count];
            }
        }
        return $best;
    }

    /**
     * Idnumbers of the banks of a course.
     *
     * @param stdClass $course
     * @return array
     */
    private static function banks_of(stdClass $course): array {
        global $DB;
        if (!banks::are_modules()) {
            $top = question_get_top_category(\context_course::instance($course->id)->id, true);
            return $DB->get_fieldset_select('question_categories', 'idnumber', "parent = ? AND idnumber <> ''", [$top->id]);
        }
        return $DB->get_fieldset_sql(
            "SELECT cm.idnumber
               FROM {course_modules} cm
               JOIN {modules} m ON m.id = cm.module AND m.name = 'qbank'
              WHERE cm.course = ? AND cm.deletioninprogress = 0 AND cm.idnumber <> ''
           ORDER BY cm.id",
            [$course->id],
        );
    }

    /**
     * Whether a quiz has exactly these slots.
     *
     * @param int $quizid
     * @param array $wanted
     * @return bool
     */
    public static function are(int $quizid, array $wanted): bool {
        $print = fn($entryid, $version, $filter, $maxmark) =>
            implode('|', [(int) $entryid, (int) $version, (string) $filter, sprintf('%.5f', $maxmark)]);
        $present = array_map(
            fn($row) => $print($row->entryid, $row->version, $row->filter, $row->maxmark),
            array_values(self::present($quizid)),
        );
        return $present === array_map(fn($one) => $print($one['entryid'], $one['version'], $one['filter'], $one['maxmark']), $wanted);
    }

    /**
     * The slots a quiz has.
     *
     * @param int $quizid
     * @return array
     */
    private static function present(int $quizid): array {
        global $DB;
        return $DB->get_records_sql(
            "SELECT s.id, s.slot, s.maxmark, r.questionbankentryid AS entryid, r.version, f.filtercondition AS filter
               FROM {quiz_slots} s
          LEFT JOIN {question_references} r ON r.itemid = s.id AND r.component = 'mod_quiz' AND r.questionarea = 'slot'
          LEFT JOIN {question_set_references} f ON f.itemid = s.id AND f.component = 'mod_quiz' AND f.questionarea = 'slot'
              WHERE s.quizid = ?
           ORDER BY s.slot",
            [$quizid],
        );
    }

    /**
     * Give a quiz these slots instead of those it has. The same entry may stand in two slots with two versions.
     *
     * @param stdClass $quiz with cmid
     * @param array $wanted
     */
    public static function write(stdClass $quiz, array $wanted): void {
        $context = context_module::instance($quiz->cmid);
        self::clear((int) $quiz->id);
        foreach (array_values($wanted) as $place => $slot) {
            self::insert($quiz, $context, $place, $slot);
        }
        \mod_quiz\quiz_settings::create($quiz->id)->get_grade_calculator()->recompute_quiz_sumgrades();
        quiz_delete_previews($quiz);
    }

    /**
     * Insert one slot.
     *
     * @param stdClass $quiz
     * @param context_module $context
     * @param int $place from 0
     * @param array $slot
     */
    private static function insert(stdClass $quiz, context_module $context, int $place, array $slot): void {
        global $DB;
        $page = $quiz->questionsperpage > 0 ? intdiv($place, (int) $quiz->questionsperpage) + 1 : 1;
        $row = ['quizid' => $quiz->id, 'slot' => $place + 1, 'page' => $page, 'requireprevious' => 0, 'maxmark' => $slot['maxmark']];
        $slotid = $DB->insert_record('quiz_slots', (object) $row);
        $reference = [
            'usingcontextid' => $context->id,
            'component' => 'mod_quiz',
            'questionarea' => 'slot',
            'itemid' => $slotid,
        ];
        if ($slot['filter'] === null) {
            $reference += ['questionbankentryid' => $slot['entryid'], 'version' => $slot['version']];
            $DB->insert_record('question_references', (object) $reference);
        } else {
            $reference += ['questionscontextid' => $slot['contextid'], 'filtercondition' => $slot['filter']];
            $DB->insert_record('question_set_references', (object) $reference);
        }
        \mod_quiz\event\slot_created::create([
            'context' => $context,
            'objectid' => $slotid,
            'other' => ['quizid' => $quiz->id, 'slotnumber' => $place + 1, 'page' => $page],
        ])->trigger();
    }

    /**
     * Take all slots out of a quiz, and sections but the first.
     *
     * @param int $quizid
     */
    private static function clear(int $quizid): void {
        global $DB;
        $ids = array_keys($DB->get_records('quiz_slots', ['quizid' => $quizid], '', 'id'));
        if ($ids) {
            [$in, $params] = $DB->get_in_or_equal($ids, SQL_PARAMS_NAMED);
            $where = "component = 'mod_quiz' AND questionarea = 'slot' AND itemid $in";
            $DB->delete_records_select('question_references', $where, $params);
            $DB->delete_records_select('question_set_references', $where, $params);
            $DB->delete_records('quiz_slots', ['quizid' => $quizid]);
        }
        $DB->delete_records_select('quiz_sections', 'quizid = ? AND firstslot > 1', [$quizid]);
    }
}
