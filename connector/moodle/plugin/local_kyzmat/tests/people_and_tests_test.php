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
 * People, enrolments, tests.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat;

use advanced_testcase;
use moodle_exception;

/**
 * What the writing functions do, and the second right some of them ask for.
 *
 * @covers \local_kyzmat\local\people
 * @covers \local_kyzmat\local\enrolments
 * @covers \local_kyzmat\local\overrides
 * @covers \local_kyzmat\local\progress
 * @covers \local_kyzmat\local\completions
 * @covers \local_kyzmat\local\banks
 */
final class people_and_tests_test extends advanced_testcase {
    /** @var \local_kyzmat_generator */
    private $make;

    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->make = $this->getDataGenerator()->get_plugin_generator('local_kyzmat');
        $this->make->service_account();
        $this->make->course_with_bank();
    }

    /**
     * A person as the panel sends one.
     *
     * @param array $given
     * @return array
     */
    private static function person(array $given = []): array {
        return $given + ['idnumber' => 'person-9', 'username' => 'person9', 'firstname' => 'Айбек', 'lastname' => 'Сыноочу',
            'email' => '', 'lang' => 'ky', 'password' => 'Kyzmat-2026!', 'suspended' => 0];
    }

    /**
     * Save people.
     *
     * @param array $people
     * @return array outcomes
     */
    private function save(array ...$people): array {
        $answer = $this->make->call('save_people', ['opkey' => $this->make->key(), 'people' => $people]);
        return array_column($answer['results'], 'outcome');
    }

    /**
     * Created, left alone, changed; a user name that is somebody else's is a conflict and changes nobody.
     */
    public function test_people(): void {
        global $DB;
        $this->assertSame(['created'], $this->save(self::person()));
        $this->assertSame(['unchanged'], $this->save(self::person(['password' => ''])));
        $this->assertSame(['updated'], $this->save(self::person(['firstname' => 'Бакыт', 'password' => ''])));
        $this->assertSame(['conflict'], $this->save(self::person(['idnumber' => 'person-10'])));
        $this->assertSame('person-9', $DB->get_field('user', 'idnumber', ['username' => 'person9']));
        $this->assertFalse($DB->record_exists('user', ['idnumber' => 'person-10']));
    }

    /**
     * Moodle lets nobody without an address into a course: who has none gets one that leads nowhere, and keeps their own.
     */
    public function test_somebody_without_an_address_is_fully_set_up(): void {
        global $DB;
        $person = fn(): \stdClass => $DB->get_record('user', ['idnumber' => 'person-9'], '*', MUST_EXIST);
        $this->save(self::person());
        $this->assertFalse(user_not_fully_set_up($person(), true));
        $this->assertStringEndsWith('@kyzmat.invalid', $person()->email);
        $this->assertEquals(1, $person()->emailstop);
        $this->assertSame(['updated', 'unchanged', 'unchanged'], [
            ...$this->save(self::person(['email' => 'aibek@example.org', 'password' => ''])),
            ...$this->save(self::person(['email' => 'aibek@example.org', 'password' => ''])),
            ...$this->save(self::person(['password' => ''])),
        ]);
        $this->assertSame('aibek@example.org', $person()->email);
        $this->assertEquals(0, $person()->emailstop);
        $DB->set_field('user', 'email', '', ['idnumber' => 'person-9']);
        $this->assertSame(['updated'], $this->save(self::person(['password' => ''])));
        $this->assertFalse(user_not_fully_set_up($person(), true));
    }

    /**
     * An administrator's account is never changed by the panel, whatever its idnumber.
     */
    public function test_administrators_stay(): void {
        global $DB;
        $DB->set_field('user', 'idnumber', 'person-9', ['username' => 'admin']);
        $this->assertNotContains('updated', $this->save(self::person(['username' => 'admin'])));
        $this->assertSame('Admin', $DB->get_field('user', 'firstname', ['username' => 'admin']));
    }

    /**
     * In and out of a course and its groups.
     */
    public function test_enrolments(): void {
        global $DB;
        $this->save(self::person());
        $member = ['useridnumber' => 'person-9', 'role' => 'student', 'groupidnumbers' => ['g-1'], 'timestart' => 0, 'timeend' => 0,
            'remove' => 0];
        $put = function (array $given) use ($member): string {
            $answer = $this->make->call('save_enrolments', ['opkey' => $this->make->key(), 'courseidnumber' => 'course-1',
                'members' => [$given + $member]]);
            return $answer['results'][0]['outcome'];
        };
        $this->assertSame(['created', 'unchanged', 'updated'], [$put([]), $put([]), $put(['groupidnumbers' => []])]);
        $this->assertSame(0, $DB->count_records('groups_members'));
        $this->assertSame(['removed', 'unchanged'], [$put(['remove' => 1]), $put(['remove' => 1])]);
        $this->assertSame('missing', $put(['useridnumber' => 'nobody']));
    }

    /**
     * Longer time for one person, seen in the progress of the test.
     */
    public function test_overrides_and_progress(): void {
        global $DB;
        $test = $this->make->call('save_test', $this->make->test_form());
        $user = $this->make->member('person-1');
        $item = ['useridnumber' => 'person-1', 'groupidnumber' => '', 'timeopen' => 0, 'timeclose' => 0, 'timelimit' => 5400,
            'attempts' => 0, 'remove' => 0];
        $given = fn() => ['opkey' => $this->make->key(), 'testidnumber' => 'test-1', 'items' => [$item]];
        $this->assertSame('created', $this->make->call('save_overrides', $given())['results'][0]['outcome']);
        $this->assertSame('unchanged', $this->make->call('save_overrides', $given())['results'][0]['outcome']);
        $this->assertSame(5400, (int) $DB->get_field('quiz_overrides', 'timelimit', ['userid' => $user->id]));
        $this->assertSame(1, $this->make->call('get_progress', ['testidnumber' => 'test-1'])['counts']['notstarted']);
        $this->make->sit($test['quizid'], $user);
        $progress = $this->make->call('get_progress', ['testidnumber' => 'test-1']);
        $this->assertSame([1, 0], [$progress['counts']['finished'], $progress['counts']['notstarted']]);
    }

    /**
     * Completions come once, and again when something was done.
     */
    public function test_completions(): void {
        global $DB;
        $user = $this->make->member('person-1');
        $pull = fn(string $cursor) => $this->make->call('get_completions',
            ['courseidnumbers' => ['course-1'], 'cursor' => $cursor, 'limit' => 10]);
        $first = $pull('');
        $this->assertSame([['person-1', 'enrolled']], array_map(
            fn($row) => [$row['useridnumber'], $row['state']],
            $first['completions'],
        ));
        $this->assertSame([], $pull($first['cursor'])['completions']);
        $courseid = $DB->get_field('course', 'id', ['idnumber' => 'course-1']);
        (new \completion_completion(['userid' => $user->id, 'course' => $courseid]))->mark_complete(time());
        $second = $pull($first['cursor']);
        $this->assertSame('completed', $second['completions'][0]['state']);
    }

    /**
     * A bank stays in its course.
     */
    public function test_bank_stays(): void {
        $this->getDataGenerator()->create_course(['idnumber' => 'course-2']);
        $this->expectException(moodle_exception::class);
        $this->make->call('save_bank', ['opkey' => 'move', 'courseidnumber' => 'course-2', 'bankidnumber' => 'bank-1', 'name' => 'Bank']);
    }

    /**
     * Functions, the second right they ask for, and parameters that need it.
     *
     * @return array
     */
    public static function second_rights(): array {
        $members = [['useridnumber' => 'person-1', 'role' => 'student', 'groupidnumbers' => [], 'timestart' => 0, 'timeend' => 0,
            'remove' => 1]];
        $bank = ['opkey' => 'k', 'courseidnumber' => 'course-1', 'bankidnumber' => 'bank-2', 'name' => 'X'];
        // Before Moodle 5 a bank is a category, and no activity is made.
        $activity = local\banks::are_modules() ? ['a bank is an activity' => ['save_bank', 'moodle/course:manageactivities', $bank]] : [];
        return $activity + [
            'an import makes categories' => ['import_questions', 'moodle/question:managecategory',
                ['opkey' => 'k', 'bankidnumber' => 'bank-1']],
            'people are changed' => ['save_people', 'moodle/user:update', ['opkey' => 'k', 'people' => [self::person()]]],
            'members are taken out' => ['save_enrolments', 'enrol/manual:unenrol',
                ['opkey' => 'k', 'courseidnumber' => 'course-1', 'members' => $members]],
        ];
    }

    /**
     * Each of them is refused without its second right.
     *
     * @dataProvider second_rights
     * @param string $function
     * @param string $capability
     * @param array $given
     */
    public function test_second_right(string $function, string $capability, array $given): void {
        $this->make->member('person-1');
        $this->make->service_account($capability);
        try {
            $this->make->call($function, $given);
            $this->fail("$function works without $capability");
        } catch (moodle_exception $refusal) {
            $this->assertSame('nopermissions', $refusal->errorcode);
        }
    }
}
