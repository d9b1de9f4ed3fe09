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
 * Every function with and without its right.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat;

use advanced_testcase;
use moodle_exception;

/**
 * Rights.
 *
 * @covers \local_kyzmat\external\get_site
 */
final class capabilities_test extends advanced_testcase {
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
    }

    /**
     * Each function, the right it asks for first of all, and parameters it accepts.
     *
     * @return array
     */
    public static function functions(): array {
        $bank = ['bankidnumber' => 'bank-1'];
        $test = ['testidnumber' => 'test-1'];
        $page = ['cursor' => '', 'limit' => 10];
        $key = ['opkey' => 'rights'];
        return [
            'get_site' => ['get_site', 'webservice/rest:use', []],
            'save_bank' => ['save_bank', 'moodle/question:managecategory', $key + $bank + ['courseidnumber' => 'course-1', 'name' => 'X']],
            'get_bank_state' => ['get_bank_state', 'moodle/question:useall', $bank + $page],
            'get_question' => ['get_question', 'moodle/question:useall', $bank + ['idnumber' => 'a.ky', 'version' => 0]],
            'import_questions' => ['import_questions', 'moodle/question:add', $key + $bank],
            'set_question_status' => ['set_question_status', 'moodle/question:add', $key + $bank],
            'save_people' => ['save_people', 'moodle/user:create', $key],
            'save_enrolments' => ['save_enrolments', 'enrol/manual:enrol', $key + ['courseidnumber' => 'course-1']],
            'save_test' => ['save_test', 'mod/quiz:manage', []],
            'save_overrides' => ['save_overrides', 'mod/quiz:manageoverrides', $key + $test],
            'get_progress' => ['get_progress', 'mod/quiz:viewreports', $test],
            'get_results' => ['get_results', 'mod/quiz:viewreports', ['testidnumbers' => ['test-1'], 'responses' => 1] + $page],
            'get_completions' => ['get_completions', 'report/completion:view', ['courseidnumbers' => ['course-1']] + $page],
            'save_cards' => ['save_cards', 'local/kyzmat:manage', $key],
            'check_push' => ['check_push', 'local/kyzmat:manage', []],
            'save_push' => ['save_push', 'local/kyzmat:manage', $key + ['url' => '', 'secret' => '']],
        ];
    }

    /**
     * A function works with its right and is refused without.
     *
     * @dataProvider functions
     * @param string $function
     * @param string $capability
     * @param array $given
     */
    public function test_right(string $function, string $capability, array $given): void {
        $make = $this->getDataGenerator()->get_plugin_generator('local_kyzmat');
        $make->service_account();
        $make->course_with_bank();
        $make->call('save_test', $make->test_form());
        $given = $given ?: ($function === 'save_test' ? $make->test_form() : []);
        $this->assertIsArray($make->call($function, $given));

        $make->service_account($capability);
        $given = isset($given['opkey']) ? ['opkey' => 'without'] + $given : $given;
        try {
            $make->call($function, $given);
            $this->fail("$function works without $capability");
        } catch (moodle_exception $refusal) {
            $this->assertSame('nopermissions', $refusal->errorcode);
        }
    }
}
