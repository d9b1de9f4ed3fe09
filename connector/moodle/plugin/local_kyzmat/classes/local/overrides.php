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
 * Other times for a person or a group.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use context_module;
use mod_quiz\local\override_manager;
use stdClass;

/**
 * Overrides of one test.
 */
final class overrides {
    /** What may be overridden. */
    private const SETTINGS = ['timeopen', 'timeclose', 'timelimit', 'attempts'];

    /** @var override_manager */
    private readonly override_manager $manager;

    /** @var stdClass */
    private readonly stdClass $quiz;

    /**
     * Constructor.
     *
     * @param stdClass $cm course module of the test
     */
    public function __construct(private readonly stdClass $cm) {
        global $CFG, $DB;
        require_once($CFG->dirroot . '/mod/quiz/lib.php');
        require_once($CFG->dirroot . '/mod/quiz/locallib.php');
        $this->quiz = $DB->get_record('quiz', ['id' => $cm->instance], '*', MUST_EXIST);
        $this->quiz->cmid = $cm->id;
        $this->manager = new override_manager($this->quiz, context_module::instance($cm->id));
    }

    /**
     * Set or remove overrides.
     *
     * @param array $items
     * @return array results in their order
     */
    public function save(array $items): array {
        $users = finder::users(array_column($items, 'useridnumber'));
        $groups = finder::groups((int) $this->cm->course, array_column($items, 'groupidnumber'));
        $results = [];
        foreach ($items as $item) {
            [$outcome, $message] = $this->one($item, $users, $groups);
            $results[] = [
                'useridnumber' => $item['useridnumber'],
                'groupidnumber' => $item['groupidnumber'],
                'outcome' => $outcome,
                'message' => $message,
            ];
        }
        return $results;
    }

    /**
     * One override.
     *
     * @param array $item
     * @param array $users idnumber => id
     * @param array $groups idnumber => id
     * @return array [outcome, message]
     */
    private function one(array $item, array $users, array $groups): array {
        global $DB;
        if (($item['useridnumber'] === '') === ($item['groupidnumber'] === '')) {
            return ['invalid', 'either a person or a group'];
        }
        $whom = $item['useridnumber'] !== ''
            ? ['userid' => $users[$item['useridnumber']] ?? null, 'groupid' => null]
            : ['userid' => null, 'groupid' => $groups[$item['groupidnumber']] ?? null];
        if ($whom['userid'] === null && $whom['groupid'] === null) {
            return ['missing', 'there is no such person or group'];
        }
        $row = $DB->get_record('quiz_overrides', ['quiz' => $this->quiz->id] + $whom) ?: null;
        return $item['remove'] ? [$this->remove($row), ''] : $this->write($item, $whom, $row);
    }

    /**
     * Take an override away.
     *
     * @param stdClass|null $row
     * @return string outcome
     */
    private function remove(?stdClass $row): string {
        if ($row === null) {
            return 'unchanged';
        }
        $this->manager->delete_overrides([$row]);
        quiz_update_open_attempts(['quizid' => $this->quiz->id]);
        return 'removed';
    }

    /**
     * Write an override. A setting that is 0 stays as the test says.
     *
     * @param array $item
     * @param array $whom
     * @param stdClass|null $row
     * @return array [outcome, message]
     */
    private function write(array $item, array $whom, ?stdClass $row): array {
        $settings = [];
        foreach (self::SETTINGS as $name) {
            $settings[$name] = $item[$name] > 0 ? $item[$name] : null;
        }
        $same = $row !== null;
        foreach ($settings as $name => $value) {
            $same = $same && (string) $row->$name === (string) $value;
        }
        if ($same) {
            return ['unchanged', ''];
        }
        $data = $settings + $whom + ['quiz' => $this->quiz->id, 'password' => $row->password ?? null];
        $data += $row === null ? [] : ['id' => $row->id];
        $errors = $this->manager->validate_data($data);
        if ($errors) {
            return ['invalid', implode('; ', array_map('strval', $errors))];
        }
        $this->manager->save_override($data);
        return [$row === null ? 'created' : 'updated', ''];
    }
}
