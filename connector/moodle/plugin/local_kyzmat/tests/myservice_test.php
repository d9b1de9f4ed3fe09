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
 * The page "My service".
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat;

use advanced_testcase;
use local_kyzmat\local\cards;
use local_kyzmat\local\my_courses;
use local_kyzmat\local\myservice;

/**
 * What a person sees, in which language and order.
 *
 * @covers \local_kyzmat\local\myservice
 * @covers \local_kyzmat\local\my_courses
 * @covers \local_kyzmat\local\cards
 */
final class myservice_test extends advanced_testcase {
    /** @var \local_kyzmat_generator */
    private $make;

    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->make = $this->getDataGenerator()->get_plugin_generator('local_kyzmat');
        $this->make->service_account();
    }

    /**
     * Send a card.
     *
     * @param string $cardid
     * @param array $given
     * @return string outcome
     */
    private function card(string $cardid, array $given = []): string {
        $card = $given + ['cardid' => $cardid, 'useridnumber' => 'person-1', 'kind' => 'test',
            'titles' => [['lang' => 'ky', 'text' => "ky $cardid"], ['lang' => 'ru', 'text' => "ru $cardid"]],
            'bodies' => [], 'url' => '', 'due' => 0, 'state' => '', 'remove' => 0];
        return $this->make->call('save_cards', ['opkey' => $this->make->key(), 'cards' => [$card]])['results'][0]['outcome'];
    }

    /**
     * The page of a person.
     *
     * @param \stdClass $user
     * @param string $lang
     * @return array
     */
    private function page(\stdClass $user, string $lang = 'ky'): array {
        return myservice::page(cards::of((int) $user->id, $lang), my_courses::of((int) $user->id), $lang);
    }

    /**
     * What is to come stands before what is past, and what is due next stands at the top, whatever its kind.
     */
    public function test_order(): void {
        $user = $this->getDataGenerator()->create_user(['idnumber' => 'person-1']);
        $this->card('past', ['due' => time() - DAYSECS]);
        $this->card('later', ['due' => time() + 5 * DAYSECS]);
        $this->card('soon', ['due' => time() + DAYSECS]);
        $this->card('paper', ['due' => time() + HOURSECS, 'kind' => 'paper']);
        $page = $this->page($user);
        $this->assertSame(['ky paper', 'ky soon', 'ky later'], array_column($page['next'], 'title'));
        $this->assertSame(['test', 'paper'], array_column($page['sections'], 'kind'));
        $tests = $page['sections'][0]['cards'];
        $this->assertSame(['ky soon', 'ky later', 'ky past'], array_column($tests, 'title'));
        $this->assertSame([false, false, true], array_column($tests, 'ispast'));
    }

    /**
     * Words are the person's, whether or not the site has the pack of that language.
     */
    public function test_language(): void {
        $user = $this->getDataGenerator()->create_user(['idnumber' => 'person-1']);
        $this->card('a', ['kind' => 'result']);
        $russian = $this->page($user, 'ru')['sections'][0];
        $this->assertSame(['Результаты', 'ru a'], [$russian['heading'], $russian['cards'][0]['title']]);
        $this->assertSame('Жыйынтыктар', $this->page($user, 'ky')['sections'][0]['heading']);
        $this->assertSame('ru a', $this->page($user, 'kk')['sections'][0]['cards'][0]['title']);
        $this->assertStringContainsString('апелляция', $this->page($user, 'ky')['sections'][0]['note']);
        $this->setUser($user);
        myservice::speak('kk');
        $this->assertSame('kk', myservice::language((int) $user->id));
        myservice::speak('xx');
        $this->assertSame('kk', myservice::language((int) $user->id));
        $this->assertSame('3 тапсырманың 1 орындалды', myservice::word('progress', 'kk', ['done' => 1, 'all' => 3]));
    }

    /**
     * The language the panel named for the person, until the person chooses another.
     */
    public function test_language_of_the_panel(): void {
        global $DB;
        $person = ['idnumber' => 'person-2', 'username' => 'person2', 'firstname' => 'A', 'lastname' => 'B', 'email' => '',
            'lang' => 'ky', 'password' => '', 'suspended' => 0];
        $this->make->call('save_people', ['opkey' => $this->make->key(), 'people' => [$person]]);
        $this->assertSame('ky', myservice::language((int) $DB->get_field('user', 'id', ['idnumber' => 'person-2'])));
    }

    /**
     * Texts of the panel are shown as text, never as HTML.
     */
    public function test_no_html(): void {
        global $OUTPUT, $PAGE;
        $PAGE->set_url('/local/kyzmat/index.php');
        $user = $this->getDataGenerator()->create_user(['idnumber' => 'person-1']);
        $evil = '<script>alert(1)</script>';
        $this->card('a', ['titles' => [['lang' => 'ky', 'text' => $evil]], 'bodies' => [['lang' => 'ky', 'text' => $evil]],
            'state' => $evil]);
        $html = $OUTPUT->render_from_template('local_kyzmat/myservice', $this->page($user));
        $this->assertStringNotContainsString('<script>alert', $html);
        $this->assertStringContainsString('&lt;script&gt;', $html);
    }

    /**
     * Progress of training: done and all activities, and the day of completion.
     */
    public function test_courses(): void {
        global $CFG, $DB;
        require_once($CFG->libdir . '/completionlib.php');
        $generator = $this->getDataGenerator();
        $course = $generator->create_course(['idnumber' => 'train-1', 'fullname' => 'Этика', 'enablecompletion' => 1]);
        $bare = $generator->create_course(['idnumber' => 'train-2', 'enablecompletion' => 1]);
        $foreign = $generator->create_course(['enablecompletion' => 1]);
        $first = $generator->create_module('page', ['course' => $course->id, 'completion' => COMPLETION_TRACKING_MANUAL]);
        $generator->create_module('page', ['course' => $course->id, 'completion' => COMPLETION_TRACKING_MANUAL]);
        $generator->create_module('page', ['course' => $foreign->id, 'completion' => COMPLETION_TRACKING_MANUAL]);
        $user = $generator->create_user(['idnumber' => 'person-1']);
        foreach ([$course, $bare, $foreign] as $one) {
            $generator->enrol_user($user->id, $one->id);
        }
        $info = new \completion_info($course);
        $info->update_state(get_coursemodule_from_id('page', $first->cmid), COMPLETION_COMPLETE, $user->id);
        $page = $this->page($user);
        $this->assertSame([['Этика', 1, 2, '2 тапшырманын 1 аткарылды']], array_map(
            fn($row) => [$row['name'], $row['done'], $row['all'], $row['progress']],
            $page['courses'],
        ));
        $done = (object) ['userid' => $user->id, 'course' => $course->id, 'timecompleted' => make_timestamp(2026, 11, 22)];
        $DB->insert_record('course_completions', $done);
        $this->assertSame('22.11.2026 бүттү', $this->page($user)['courses'][0]['progress']);
    }

    /**
     * Somebody for whom there is nothing is told so.
     */
    public function test_nothing(): void {
        $page = $this->page($this->getDataGenerator()->create_user());
        $this->assertTrue($page['empty']);
        $this->assertNotSame('', $page['nothinglabel']);
    }
}
