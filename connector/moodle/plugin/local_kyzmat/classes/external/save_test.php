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
 * local_kyzmat_save_test.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\external;

use context_course;
use core_external\external_api;
use core_external\external_function_parameters;
use core_external\external_multiple_structure;
use core_external\external_single_structure;
use core_external\external_value;
use local_kyzmat\local\finder;
use local_kyzmat\local\operation;
use local_kyzmat\local\test_builder;

/**
 * Create or change a test; its questions cannot change once somebody has begun.
 */
final class save_test extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'opkey' => shapes::opkey(),
            'courseidnumber' => shapes::text('Course'),
            'testidnumber' => shapes::text('Test'),
            'name' => shapes::text('Name'),
            'intro' => shapes::text('Introduction, HTML'),
            'timeopen' => shapes::number('Epoch seconds; 0 = open'),
            'timeclose' => shapes::number('Epoch seconds; 0 = never'),
            'timelimit' => shapes::number('Seconds; 0 = none'),
            'attempts' => shapes::number('0 = any number'),
            'passpercent' => new external_value(PARAM_FLOAT, 'Percent needed to pass'),
            'review' => shapes::text('none, closed or immediate'),
            'password' => shapes::text('Empty = none'),
            'shuffleanswers' => shapes::flag('Whether answers stand in another order each time'),
            'groupidnumbers' => shapes::items(shapes::text('Group'), 'Who may enter; empty = everyone in the course'),
            'visible' => shapes::flag('Whether students see the test'),
            'slots' => shapes::items(new external_single_structure([
                'idnumber' => shapes::text('Question'),
                'version' => shapes::number('Version; 0 = the latest now'),
                'maxmark' => new external_value(PARAM_FLOAT, 'Mark for a right answer'),
            ]), 'Fixed questions in their order'),
            'sections' => shapes::items(new external_single_structure([
                'categorypath' => shapes::text('Category to draw from'),
                'count' => shapes::number('Questions to draw'),
                'maxmark' => new external_value(PARAM_FLOAT, 'Mark of each'),
            ]), 'Random questions, for practice only'),
        ]);
    }

    /**
     * Create or change a test; its questions cannot change once somebody has begun.
     *
     * @param string $opkey
     * @param string $courseidnumber
     * @param string $testidnumber
     * @param string $name
     * @param string $intro
     * @param int $timeopen
     * @param int $timeclose
     * @param int $timelimit
     * @param int $attempts
     * @param float $passpercent
     * @param string $review
     * @param string $password
     * @param bool $shuffleanswers
     * @param array $groupidnumbers
     * @param bool $visible
     * @param array $slots
     * @param array $sections
     * @return array
     */
    public static function execute(
        string $opkey,
        string $courseidnumber,
        string $testidnumber,
        string $name,
        string $intro,
        int $timeopen,
        int $timeclose,
        int $timelimit,
        int $attempts,
        float $passpercent,
        string $review,
        string $password,
        bool $shuffleanswers,
        array $groupidnumbers,
        bool $visible,
        array $slots,
        array $sections,
    ): array {
        $given = self::validate_parameters(self::execute_parameters(), compact(
            'opkey',
            'courseidnumber',
            'testidnumber',
            'name',
            'intro',
            'timeopen',
            'timeclose',
            'timelimit',
            'attempts',
            'passpercent',
            'review',
            'password',
            'shuffleanswers',
            'groupidnumbers',
            'visible',
            'slots',
            'sections',
        ));
        $course = finder::course($given['courseidnumber']);
        $context = context_course::instance($course->id);
        self::validate_context($context);
        require_all_capabilities(['mod/quiz:manage', 'mod/quiz:addinstance', 'moodle/course:manageactivities'], $context);
        return operation::run('save_test', $given, 'test/' . $given['testidnumber'],
            fn() => (new test_builder($course))->save($given));
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return shapes::written([
            'outcome' => shapes::outcome(),
            'quizid' => shapes::number('quiz.id'),
            'cmid' => shapes::number('Course module'),
            'url' => shapes::text('Address of the test'),
            'sumgrades' => shapes::mark('Sum of the marks'),
            'slots' => new external_multiple_structure(new external_single_structure([
                'slot' => shapes::number('Place'),
                'idnumber' => shapes::text('Question; empty for a random one'),
                'entryid' => shapes::number('question_bank_entries.id; 0 for a random one'),
                'questionid' => shapes::number('question.id; 0 for a random one'),
                'version' => shapes::number('Version; 0 for a random one'),
            ])),
        ]);
    }
}
