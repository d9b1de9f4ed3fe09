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
 * Results.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat;

use advanced_testcase;

/**
 * Results, deletions, hints.
 *
 * @covers \local_kyzmat\local\results
 * @covers \local_kyzmat\local\change_log
 * @covers \local_kyzmat\local\observer
 */
final class results_test extends advanced_testcase {
    /** @var \local_kyzmat_generator */
    private $make;

    /** @var array answer of save_test */
    private array $test;

    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->make = $this->getDataGenerator()->get_plugin_generator('local_kyzmat');
        $this->make->service_account();
        $this->make->course_with_bank();
        $this->test = $this->make->call('save_test', $this->make->test_form());
    }

    /**
     * A page of results.
     *
     * @param string $cursor
     * @return array
     */
    private function pull(string $cursor = ''): array {
        return $this->make->call('get_results', [
            'testidnumbers' => ['test-1'],
            'cursor' => $cursor,
            'limit' => 100,
            'responses' => 1,
        ]);
    }

    /**
     * An attempt comes once, again when it changed, and as deleted when it is no more; event or not.
     */
    public function test_life_of_an_attempt(): void {
        global $DB;
        $attemptid = $this->make->sit($this->test['quizid'], $this->make->member('person-1'));
        $first = $this->pull();
        $this->assertSame([$attemptid, 'finished', 2], [
            $first['attempts'][0]['attemptid'],
            $first['attempts'][0]['state'],
            count($first['attempts'][0]['responses']),
        ]);
        $this->assertSame([], $this->pull($first['cursor'])['attempts']);

        $DB->set_field('quiz_attempts', 'sumgrades', 2, ['id' => $attemptid]);
        $second = $this->pull($first['cursor']);
        $this->assertEqualsWithDelta(2.0, $second['attempts'][0]['mark'], 0.00001);

        $DB->delete_records('quiz_attempts', ['id' => $attemptid]); // As a course reset does: without an event.
        $third = $this->pull($second['cursor']);
        $this->assertSame([true, 'person-1'], [$third['attempts'][0]['deleted'], $third['attempts'][0]['useridnumber']]);
        $this->assertSame(0, $third['total']);
        $this->assertSame([], $this->pull($third['cursor'])['attempts']);
    }

    /**
     * A test somebody has begun keeps its questions; other settings may change.
     */
    public function test_begun_test(): void {
        $this->make->sit($this->test['quizid'], $this->make->member('person-1'));
        $later = ['timelimit' => 7200] + $this->make->test_form();
        $this->assertSame('updated', $this->make->call('save_test', $later)['outcome']);
        $this->expectExceptionMessageMatches('/testhasattempts|begun/');
        $this->make->call('save_test', $this->make->test_form(['a.ky']));
    }

    /**
     * A hint is noted when an attempt ends and only when the panel wants it.
     */
    public function test_hints(): void {
        global $DB;
        $this->make->sit($this->test['quizid'], $this->make->member('person-1'));
        $this->assertSame(0, $DB->count_records('local_kyzmat_outbox'));
        $push = ['opkey' => 'push', 'url' => 'https://panel.example/', 'secret' => 's', 'events' => ['attempt_finished']];
        $this->make->call('save_push', $push);
        $this->make->sit($this->test['quizid'], $this->make->member('person-2'));
        $bodies = array_map('json_decode', $DB->get_fieldset_select('local_kyzmat_outbox', 'body', '1 = 1'));
        $this->assertSame([['attempt_finished', 'test-1', 'person-2']], array_map(
            fn($body) => [$body->event, $body->testidnumber, $body->useridnumber],
            $bodies,
        ));
    }

    /**
     * The signature is what the panel computes: HMAC-SHA256 of "timestamp.body".
     */
    public function test_signature(): void {
        $known = 'v1=2946e37a45bb02a0bf1bf1a7d9219543801fedd301f9f485aebd72c928639bea';
        $this->assertSame($known, local\outbox::signature('k', '1', 'b'));
    }
}
