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
 * Finding, making and renaming question banks.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use context_course;
use context_module;
use core_question\local\bank\question_bank_helper;
use invalid_parameter_exception;
use moodle_exception;
use stdClass;

/**
 * Question banks by idnumber.
 */
final class banks {
    /** Longest name of a bank. */
    private const NAME = 255;

    /**
     * Whether banks are modules (Moodle 5) or categories of a course.
     *
     * @return bool
     */
    public static function are_modules(): bool {
        global $CFG;
        return (int) $CFG->branch >= 500;
    }

    /**
     * A bank. Throws unknownbank.
     *
     * @param string $idnumber
     * @return bank
     */
    public static function find(string $idnumber): bank {
        $found = self::find_or_null($idnumber);
        if ($found === null) {
            throw new moodle_exception('unknownbank', 'local_kyzmat', '', $idnumber);
        }
        return $found;
    }

    /**
     * Create or rename a bank.
     *
     * @param stdClass $course
     * @param string $idnumber
     * @param string $name
     * @return array outcome, contextid, cmid
     */
    public static function save(stdClass $course, string $idnumber, string $name): array {
        limits::require_idnumber('bankidnumber', $idnumber);
        if (trim($name) === '' || \core_text::strlen($name) > self::NAME) {
            throw new invalid_parameter_exception('name => 1 to ' . self::NAME . ' characters');
        }
        $bank = self::find_or_null($idnumber);
        if ($bank === null) {
            $bank = self::are_modules() ? self::add_module($course, $idnumber, $name) : self::add_category($course, $idnumber, $name);
            return self::answer('created', $bank);
        }
        if ($bank->courseid !== (int) $course->id) {
            throw new invalid_parameter_exception("courseidnumber => the bank $idnumber is in another course and cannot move");
        }
        if ($bank->name === $name) {
            return self::answer('unchanged', $bank);
        }
        self::rename($bank, $name);
        return self::answer('updated', $bank);
    }

    /**
     * What save answers.
     *
     * @param string $outcome
     * @param bank $bank
     * @return array
     */
    private static function answer(string $outcome, bank $bank): array {
        return ['outcome' => $outcome, 'contextid' => $bank->context->id, 'cmid' => $bank->cmid];
    }

    /**
     * A bank, or null.
     *
     * @param string $idnumber
     * @return bank|null
     */
    private static function find_or_null(string $idnumber): ?bank {
        global $CFG;
        require_once($CFG->libdir . '/questionlib.php');
        if ($idnumber === '') {
            return null;
        }
        return self::are_modules() ? self::find_module($idnumber) : self::find_category($idnumber);
    }

    /**
     * The bank module with this idnumber.
     *
     * @param string $idnumber
     * @return bank|null
     */
    private static function find_module(string $idnumber): ?bank {
        global $DB;
        $rows = $DB->get_records_sql(
            "SELECT cm.id, cm.course, b.name
               FROM {course_modules} cm
               JOIN {modules} m ON m.id = cm.module AND m.name = 'qbank'
               JOIN {qbank} b ON b.id = cm.instance
              WHERE cm.idnumber = ? AND cm.deletioninprogress = 0
           ORDER BY cm.id",
            [$idnumber],
        );
        self::only_one($rows, $idnumber);
        $row = reset($rows);
        if (!$row) {
            return null;
        }
        $context = context_module::instance($row->id);
        $root = question_get_top_category($context->id, true);
        return new bank($idnumber, (int) $row->course, $row->name, $context, (int) $row->id, (int) $root->id);
    }

    /**
     * The category of a course with this idnumber.
     *
     * @param string $idnumber
     * @return bank|null
     */
    private static function find_category(string $idnumber): ?bank {
        global $DB;
        $rows = $DB->get_records_sql(
            "SELECT qc.id, qc.name, ctx.instanceid AS course
               FROM {question_categories} qc
               JOIN {context} ctx ON ctx.id = qc.contextid AND ctx.contextlevel = ?
              WHERE qc.idnumber = ?
           ORDER BY qc.id",
            [CONTEXT_COURSE, $idnumber],
        );
        self::only_one($rows, $idnumber);
        $row = reset($rows);
        if (!$row) {
            return null;
        }
        return new bank($idnumber, (int) $row->course, $row->name, context_course::instance($row->course), 0, (int) $row->id);
    }

    /**
     * Nobody can say which of two banks with one idnumber is meant.
     *
     * @param array $rows
     * @param string $idnumber
     */
    private static function only_one(array $rows, string $idnumber): void {
        if (count($rows) > 1) {
            throw new invalid_parameter_exception("bankidnumber => two banks have the idnumber $idnumber");
        }
    }

    /**
     * A new bank module.
     *
     * @param stdClass $course
     * @param string $idnumber
     * @param string $name
     * @return bank
     */
    private static function add_module(stdClass $course, string $idnumber, string $name): bank {
        global $CFG;
        require_once($CFG->dirroot . '/course/modlib.php');
        $cm = question_bank_helper::create_default_open_instance($course, $name);
        set_coursemodule_idnumber($cm->id, $idnumber);
        \course_modinfo::purge_course_module_cache($course->id, $cm->id);
        rebuild_course_cache($course->id, true, true);
        return self::find_module($idnumber);
    }

    /**
     * A new category of the course for a bank.
     *
     * @param stdClass $course
     * @param string $idnumber
     * @param string $name
     * @return bank
     */
    private static function add_category(stdClass $course, string $idnumber, string $name): bank {
        $context = context_course::instance($course->id);
        categories::add($context, (int) question_get_top_category($context->id, true)->id, $name, $idnumber);
        return self::find_category($idnumber);
    }

    /**
     * Give a bank another name.
     *
     * @param bank $bank
     * @param string $name
     */
    private static function rename(bank $bank, string $name): void {
        global $DB;
        if ($bank->cmid === 0) {
            $DB->set_field('question_categories', 'name', $name, ['id' => $bank->rootid]);
            return;
        }
        $cm = get_coursemodule_from_id('qbank', $bank->cmid, $bank->courseid, false, MUST_EXIST);
        $DB->update_record('qbank', (object) ['id' => $cm->instance, 'name' => $name, 'timemodified' => time()]);
        $cm->name = $name;
        \core\event\course_module_updated::create_from_cm($cm, $bank->context)->trigger();
        \course_modinfo::purge_course_module_cache($bank->courseid, $bank->cmid);
        rebuild_course_cache($bank->courseid, true, true);
    }
}
