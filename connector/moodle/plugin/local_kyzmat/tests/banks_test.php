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
 * Question banks.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat;

use advanced_testcase;
use moodle_exception;

/**
 * Importing, versions, foreign edits.
 *
 * @covers \local_kyzmat\local\bank_import
 * @covers \local_kyzmat\local\operation
 */
final class banks_test extends advanced_testcase {
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
     * Ten imports of the same make one version; a change makes one more of the same entry.
     */
    public function test_versions(): void {
        global $DB;
        $entries = $DB->count_records('question_bank_entries', ['idnumber' => 'a.ky']);
        for ($i = 0; $i < 10; $i++) {
            [$same] = $this->make->import([$this->make->question('a.ky', '1', 1)]);
            $this->assertSame('unchanged', $same['outcome']);
        }
        [$newer] = $this->make->import([$this->make->question('a.ky', '2', 1)]);
        $this->assertSame(['newversion', 2, $same['entryid']], [$newer['outcome'], $newer['version'], $newer['entryid']]);
        $this->assertSame(1, $entries);
        $this->assertSame(1, $DB->count_records('question_bank_entries', ['idnumber' => 'a.ky']));
        $this->assertSame(2, $DB->count_records('question_versions', ['questionbankentryid' => $newer['entryid']]));
    }

    /**
     * Sources on which Moodle's own reader fails are invalid items, not failed calls, and leave nothing behind.
     *
     * @dataProvider bad_sources
     * @param string $source
     */
    public function test_bad_source(string $source): void {
        global $DB;
        $before = [$DB->count_records('question'), $DB->count_records('question_bank_entries'), $DB->count_records('question_answers')];
        [$bad] = $this->make->import([['source' => $source] + $this->make->question('bad.ky')]);
        $this->assertSame('invalid', $bad['outcome']);
        $this->assertNotSame('', $bad['message']);
        $after = [$DB->count_records('question'), $DB->count_records('question_bank_entries'), $DB->count_records('question_answers')];
        $this->assertSame($before, $after);
    }

    /**
     * Sources.
     *
     * @return array
     */
    public static function bad_sources(): array {
        return [
            'one answer' => ['::x::Q {~a}'],
            'one pair' => ['::x::Q {=a -> 1}'],
            'no brace' => ['::x::Q {'],
            'two questions' => ["::x::Q {=a ~b}\n\n::y::Q {=a ~b}"],
            'weight' => ['::x::Q {~%33.3%a ~b}'],
            'numbers' => ['::x::Q {#a..b}'],
            'other idnumber' => ["// [id:other]\n::x::Q {=a ~b}"],
            'no full mark' => ['::x::Q {~%50%a ~b}'],
        ];
    }

    /**
     * A version made in Moodle is foreign, and keeps the panel's hash beside.
     */
    public function test_foreign(): void {
        global $DB;
        $state = fn() => $this->make->call('get_bank_state', ['bankidnumber' => 'bank-1', 'cursor' => '', 'limit' => 10]);
        $this->assertSame([false, false], array_column($state()['questions'], 'foreign'));
        $question = $DB->get_record_sql(
            "SELECT q.* FROM {question} q JOIN {question_versions} v ON v.questionid = q.id
               JOIN {question_bank_entries} e ON e.id = v.questionbankentryid WHERE e.idnumber = 'a.ky'",
        );
        $DB->set_field('question', 'timemodified', $question->timemodified + 5, ['id' => $question->id]);
        $found = array_column($state()['questions'], null, 'idnumber');
        $this->assertTrue($found['a.ky']['foreign']);
        $this->assertSame('hash-1', $found['a.ky']['contenthash']);
        $this->assertFalse($found['b.ky']['foreign']);
    }

    /**
     * A refused call leaves neither effect nor key.
     */
    public function test_refused_call_leaves_nothing(): void {
        global $DB;
        $given = ['opkey' => 'free', 'bankidnumber' => 'none', 'questions' => [$this->make->question('c.ky')]];
        try {
            $this->make->call('import_questions', $given);
            $this->fail('there is no such bank');
        } catch (moodle_exception $refusal) {
            $this->assertSame('unknownbank', $refusal->errorcode);
        }
        $this->assertFalse($DB->record_exists('local_kyzmat_operation', ['opkey' => 'free']));
        $answer = $this->make->call('import_questions', ['bankidnumber' => 'bank-1'] + $given);
        $this->assertSame('created', $answer['results'][0]['outcome']);
        $this->assertTrue($this->make->call('import_questions', ['bankidnumber' => 'bank-1'] + $given)['replayed']);
    }
}
