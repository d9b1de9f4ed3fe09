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
 * What is kept of people.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat;

use context_system;
use core_privacy\local\request\approved_contextlist;
use core_privacy\tests\provider_testcase;
use local_kyzmat\privacy\provider;

/**
 * Privacy.
 *
 * @covers \local_kyzmat\privacy\provider
 */
final class privacy_test extends provider_testcase {
    /**
     * A person's cards are found, and forgotten when asked.
     */
    public function test_forgetting(): void {
        global $DB;
        $this->resetAfterTest();
        $make = $this->getDataGenerator()->get_plugin_generator('local_kyzmat');
        $make->service_account();
        $user = $this->getDataGenerator()->create_user(['idnumber' => 'person-1']);
        $card = ['cardid' => 'c', 'useridnumber' => 'person-1', 'kind' => 'test', 'titles' => [['lang' => 'ky', 'text' => 'T']],
            'bodies' => [], 'url' => '', 'due' => 0, 'state' => '', 'remove' => 0];
        $make->call('save_cards', ['opkey' => 'card', 'cards' => [$card]]);
        $contexts = provider::get_contexts_for_userid($user->id)->get_contextids();
        $this->assertEquals([context_system::instance()->id], $contexts);
        provider::delete_data_for_user(new approved_contextlist($user, 'local_kyzmat', $contexts));
        $this->assertFalse($DB->record_exists('local_kyzmat_card', ['userid' => $user->id]));
    }
}
