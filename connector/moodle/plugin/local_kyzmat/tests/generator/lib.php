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
 * Makers of things for the tests of the plugin.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use core_external\external_api;
use local_kyzmat\local\site;

/**
 * Makes the account of the panel, a bank, people, and calls functions as the web service does.
 */
final class local_kyzmat_generator extends component_generator_base {
    /** @var int number of the last key */
    private int $keys = 0;

    /**
     * Log in as an account that has what the plugin asks for, but one right.
     *
     * @param string $without capability that is left out
     * @return stdClass user
     */
    public function service_account(string $without = ''): stdClass {
        $system = context_system::instance();
        $role = $this->datagenerator->create_role();
        foreach (array_diff(site::CAPABILITIES, [$without]) as $capability) {
            if (get_capability_info($capability)) {
                assign_capability($capability, CAP_ALLOW, $role, $system, true);
            }
        }
        if ($without !== '') {
            assign_capability($without, CAP_PROHIBIT, $role, $system, true); // Every account may have it by another role.
        }
        $user = $this->datagenerator->create_user();
        role_assign($role, $user->id, $system);
        accesslib_clear_all_caches_for_unit_testing();
        advanced_testcase::setUser($user);
        return $user;
    }

    /**
     * A fresh operation key.
     *
     * @return string
     */
    public function key(): string {
        return 'unit.' . ++$this->keys;
    }

    /**
     * Call a function with its parameters by name.
     *
     * @param string $function without the prefix
     * @param array $given
     * @return array its answer
     */
    public function call(string $function, array $given): array {
        $_POST['sesskey'] = sesskey();
        $answer = external_api::call_external_function("local_kyzmat_$function", $given);
        if ($answer['error']) {
            throw new moodle_exception($answer['exception']->errorcode ?? 'error', 'error', '', null, $answer['exception']->message);
        }
        return $answer['data'];
    }

    /**
     * A course with a bank that holds a.ky and b.ky.
     *
     * @return stdClass course
     */
    public function course_with_bank(): stdClass {
        $course = $this->datagenerator->create_course(['idnumber' => 'course-1', 'enablecompletion' => 1]);
        $this->call('save_bank', [
            'opkey' => $this->key(),
            'courseidnumber' => 'course-1',
            'bankidnumber' => 'bank-1',
            'name' => 'Bank',
        ]);
        $this->import([$this->question('a.ky'), $this->question('b.ky')]);
        return $course;
    }

    /**
     * An item of an import.
     *
     * @param string $idnumber
     * @param string $text
     * @param int $expected
     * @return array
     */
    public function question(string $idnumber, string $text = '1', int $expected = 0): array {
        return [
            'idnumber' => $idnumber,
            'contenthash' => "hash-$text",
            'categorypath' => 'Top/A',
            'format' => 'gift',
            'source' => "::$idnumber::Question $text {=right $text ~wrong $text}",
            'expectedversion' => $expected,
        ];
    }

    /**
     * Import into the bank.
     *
     * @param array $questions
     * @return array results
     */
    public function import(array $questions): array {
        $given = ['opkey' => $this->key(), 'bankidnumber' => 'bank-1', 'questions' => $questions];
        return $this->call('import_questions', $given)['results'];
    }

    /**
     * Parameters of a test with some questions.
     *
     * @param array $idnumbers
     * @return array
     */
    public function test_form(array $idnumbers = ['a.ky', 'b.ky']): array {
        return [
            'opkey' => $this->key(),
            'courseidnumber' => 'course-1',
            'testidnumber' => 'test-1',
            'name' => 'Test',
            'intro' => '',
            'timeopen' => 0,
            'timeclose' => 0,
            'timelimit' => 3600,
            'attempts' => 1,
            'passpercent' => 60,
            'review' => 'none',
            'password' => '',
            'shuffleanswers' => 1,
            'groupidnumbers' => ['g-1'],
            'visible' => 1,
            'slots' => array_map(fn($one) => ['idnumber' => $one, 'version' => 1, 'maxmark' => 1], $idnumbers),
            'sections' => [],
        ];
    }

    /**
     * Make an account with an idnumber, enrolled by the panel in group g-1.
     *
     * @param string $idnumber
     * @return stdClass user
     */
    public function member(string $idnumber): stdClass {
        $user = $this->datagenerator->create_user(['idnumber' => $idnumber]);
        $member = ['useridnumber' => $idnumber, 'role' => 'student', 'groupidnumbers' => ['g-1'], 'timestart' => 0,
            'timeend' => 0, 'remove' => 0];
        $this->call('save_enrolments', ['opkey' => $this->key(), 'courseidnumber' => 'course-1', 'members' => [$member]]);
        return $user;
    }

    /**
     * Sit the test as a person: hand in without an answer.
     *
     * @param int $quizid
     * @param stdClass $user
     * @return int attempt id
     */
    public function sit(int $quizid, stdClass $user): int {
        global $CFG, $USER;
        require_once($CFG->dirroot . '/mod/quiz/locallib.php');
        $panel = $USER;
        advanced_testcase::setUser($user);
        $quizobj = \mod_quiz\quiz_settings::create($quizid, $user->id);
        $attempt = quiz_prepare_and_start_new_attempt($quizobj, 1, null);
        $attemptobj = \mod_quiz\quiz_attempt::create($attempt->id);
        if (method_exists($attemptobj, 'process_submit')) {
            $attemptobj->process_submit(time(), false);
            $attemptobj->process_grade_submission(time());
        } else {
            $attemptobj->process_finish(time(), false);
        }
        advanced_testcase::setUser($panel);
        return (int) $attempt->id;
    }
}
