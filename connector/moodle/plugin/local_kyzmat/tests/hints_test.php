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
 * Hints and the way they are sent.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat;

use advanced_testcase;
use local_kyzmat\local\outbox;
use local_kyzmat\task\send_hints;
use local_kyzmat\task\sweep;

/**
 * Delivery, retries, and the knock of the doctor.
 *
 * @covers \local_kyzmat\local\outbox
 * @covers \local_kyzmat\task\send_hints
 * @covers \local_kyzmat\task\sweep
 * @covers \local_kyzmat\external\check_push
 */
final class hints_test extends advanced_testcase {
    /** Nobody listens there. */
    private const NOWHERE = 'http://127.0.0.1:9/hints';

    /** @var \local_kyzmat_generator */
    private $make;

    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->make = $this->getDataGenerator()->get_plugin_generator('local_kyzmat');
        $this->make->service_account();
    }

    /**
     * Send hints to an address from now on.
     *
     * @param string $url
     */
    private function push_to(string $url): void {
        $given = ['opkey' => $this->make->key(), 'url' => $url, 'secret' => $url === '' ? '' : 's', 'events' => ['completion']];
        $this->make->call('save_push', $given);
    }

    /**
     * A hint is kept while the panel does not answer, and thrown away after the last try: the panel pulls anyway.
     */
    public function test_tries(): void {
        global $DB;
        $this->push_to(self::NOWHERE);
        $user = $this->getDataGenerator()->create_user(['idnumber' => 'person-1']);
        outbox::note('completion', ['courseidnumber' => 'c'], (int) $user->id);
        $this->assertFalse(outbox::deliver());
        $this->assertSame(1, (int) $DB->get_field('local_kyzmat_outbox', 'tries', []));
        for ($try = 2; $try <= 12; $try++) {
            outbox::deliver();
        }
        $this->assertSame(0, $DB->count_records('local_kyzmat_outbox'));
    }

    /**
     * The ad-hoc task fails while hints are left, so that Moodle repeats it; the scheduled one does not.
     */
    public function test_tasks(): void {
        $this->push_to(self::NOWHERE);
        $user = $this->getDataGenerator()->create_user(['idnumber' => 'person-1']);
        outbox::note('completion', ['courseidnumber' => 'c'], (int) $user->id);
        $this->assertCount(1, \core\task\manager::get_adhoc_tasks(send_hints::class));
        $sweep = new sweep();
        $this->assertNotSame('', $sweep->get_name());
        $sweep->execute();
        $this->expectException(\moodle_exception::class);
        (new send_hints())->execute();
    }

    /**
     * Without an address nothing is kept.
     */
    public function test_no_address(): void {
        global $DB;
        $this->push_to(self::NOWHERE);
        $user = $this->getDataGenerator()->create_user(['idnumber' => 'person-1']);
        outbox::note('completion', ['courseidnumber' => 'c'], (int) $user->id);
        $this->push_to('');
        $this->assertTrue(outbox::deliver());
        $this->assertSame(0, $DB->count_records('local_kyzmat_outbox'));
        $this->assertSame(['target' => '', 'status' => 0, 'error' => '', 'waiting' => 0], $this->make->call('check_push', []));
    }

    /**
     * The doctor learns that nobody answers, without a hint being lost.
     */
    public function test_check(): void {
        $this->push_to(self::NOWHERE);
        $user = $this->getDataGenerator()->create_user(['idnumber' => 'person-1']);
        outbox::note('completion', ['courseidnumber' => 'c'], (int) $user->id);
        $found = $this->make->call('check_push', []);
        $this->assertSame(['127.0.0.1:9', 0, 1], [$found['target'], $found['status'], $found['waiting']]);
        $this->assertNotSame('', $found['error']);
    }
}
