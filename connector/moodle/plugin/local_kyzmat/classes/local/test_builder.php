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
 * Making and changing tests.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use invalid_parameter_exception;
use mod_quiz\question\display_options;
use moodle_exception;
use moodle_url;
use stdClass;

/**
 * A quiz as the panel wants it.
 */
final class test_builder {
    /** When a review may show anything, by the word of the panel. */
    private const REVIEW = [
        'none' => [],
        'closed' => ['closed' => display_options::AFTER_CLOSE],
        'immediate' => [
            'immediately' => display_options::IMMEDIATELY_AFTER,
            'open' => display_options::LATER_WHILE_OPEN,
            'closed' => display_options::AFTER_CLOSE,
        ],
    ];

    /** What a review may show. */
    private const SHOWN = ['attempt', 'correctness', 'maxmarks', 'marks', 'specificfeedback', 'generalfeedback',
        'rightanswer', 'overallfeedback'];

    /** Grade of a test: percent. */
    private const GRADE = 100;

    /**
     * Constructor.
     *
     * @param stdClass $course
     */
    public function __construct(private readonly stdClass $course) {
        global $CFG;
        require_once($CFG->dirroot . '/course/modlib.php');
        require_once($CFG->dirroot . '/mod/quiz/lib.php');
        require_once($CFG->dirroot . '/mod/quiz/locallib.php');
        require_once($CFG->libdir . '/gradelib.php');
        require_once($CFG->libdir . '/questionlib.php');
    }

    /**
     * Create or change a test.
     *
     * @param array $given
     * @return array the answer
     */
    public function save(array $given): array {
        self::check($given);
        $given['intro'] = clean_text($given['intro'], FORMAT_HTML);
        $wanted = (new test_slots($this->course))->wanted($given['slots'], $given['sections']);
        $cm = finder::test_or_null($given['testidnumber']);
        if ($cm !== null && (int) $cm->course !== (int) $this->course->id) {
            throw new invalid_parameter_exception('courseidnumber => the test is in another course and cannot move');
        }
        $given['availability'] = $this->availability($given['groupidnumbers']);
        try {
            return $cm === null ? $this->create($given, $wanted) : $this->change($cm, $given, $wanted);
        } catch (\Throwable $failure) {
            // The database is rolled back, the cache of the course is not.
            rebuild_course_cache($this->course->id, true);
            throw $failure;
        }
    }

    /**
     * Refuse what makes no test.
     *
     * @param array $given
     */
    private static function check(array $given): void {
        limits::require_idnumber('testidnumber', $given['testidnumber']);
        if (trim($given['name']) === '' || \core_text::strlen($given['name']) > 255) {
            throw new invalid_parameter_exception('name => 1 to 255 characters');
        }
        if (!isset(self::REVIEW[$given['review']])) {
            throw new invalid_parameter_exception("review => {$given['review']}");
        }
        if ($given['timeclose'] !== 0 && $given['timeclose'] <= $given['timeopen']) {
            throw new invalid_parameter_exception('timeclose => must be after timeopen');
        }
        if (min($given['timeopen'], $given['timeclose'], $given['timelimit'], $given['attempts']) < 0) {
            throw new invalid_parameter_exception('times and attempts => must not be negative');
        }
        if ($given['passpercent'] < 0 || $given['passpercent'] > 100 || in_array('', $given['groupidnumbers'], true)) {
            throw new invalid_parameter_exception('passpercent, groupidnumbers => out of range');
        }
        if (\core_text::strlen($given['password']) > 255) {
            throw new invalid_parameter_exception('password => at most 255 characters');
        }
    }

    /**
     * Moodle's condition "one of these groups", or null for everyone.
     *
     * @param array $idnumbers
     * @return string|null JSON
     */
    private function availability(array $idnumbers): ?string {
        global $CFG;
        if (!$idnumbers) {
            return null;
        }
        if (empty($CFG->enableavailability)) {
            // The condition would be kept and not looked at: everyone could enter.
            throw new moodle_exception('availabilityoff', 'local_kyzmat');
        }
        $groups = finder::groups_made((int) $this->course->id, $idnumbers);
        sort($groups);
        $conditions = array_map(fn($id) => ['type' => 'group', 'id' => $id], $groups);
        return json_encode(['op' => '|', 'c' => $conditions, 'show' => false]);
    }

    /**
     * A new test.
     *
     * @param array $given
     * @param array $wanted slots
     * @return array
     */
    private function create(array $given, array $wanted): array {
        global $DB;
        $module = $DB->get_record('modules', ['name' => 'quiz'], '*', MUST_EXIST);
        if (!course_allowed_module($this->course, 'quiz')) {
            throw new moodle_exception('moduledisable');
        }
        $info = $this->module_info($given);
        $info->module = $module->id;
        $info->section = 0;
        $info->add = 'quiz';
        $made = add_moduleinfo($info, $this->course);
        $quiz = $this->quiz((int) $made->instance, (int) $made->coursemodule);
        test_slots::write($quiz, $wanted);
        return $this->answer('created', $quiz, $wanted);
    }

    /**
     * Change a test that is there.
     *
     * @param stdClass $cm
     * @param array $given
     * @param array $wanted slots
     * @return array
     */
    private function change(stdClass $cm, array $given, array $wanted): array {
        $quiz = $this->quiz((int) $cm->instance, (int) $cm->id);
        $sameslots = test_slots::are((int) $quiz->id, $wanted);
        if (!$sameslots && quiz_has_attempts($quiz->id)) {
            throw new moodle_exception('testhasattempts', 'local_kyzmat', '', $given['testidnumber']);
        }
        $samesettings = $this->has_settings($quiz, $cm, $given);
        if (!$samesettings) {
            $info = $this->module_info($given);
            $info->coursemodule = $cm->id;
            $info->instance = $cm->instance;
            $info->module = $cm->module;
            $info->update = $cm->id;
            update_moduleinfo(get_coursemodule_from_id('quiz', $cm->id, 0, true, MUST_EXIST), $info, $this->course);
            $quiz = $this->quiz((int) $cm->instance, (int) $cm->id);
        }
        if (!$sameslots) {
            test_slots::write($quiz, $wanted);
        }
        return $this->answer($samesettings && $sameslots ? 'unchanged' : 'updated', $quiz, $wanted);
    }

    /**
     * The quiz with its course module.
     *
     * @param int $quizid
     * @param int $cmid
     * @return stdClass
     */
    private function quiz(int $quizid, int $cmid): stdClass {
        global $DB;
        $quiz = $DB->get_record('quiz', ['id' => $quizid], '*', MUST_EXIST);
        $quiz->cmid = $cmid;
        return $quiz;
    }

    /**
     * What Moodle's form would send.
     *
     * @param array $given
     * @return stdClass
     */
    private function module_info(array $given): stdClass {
        $info = (object) (array_intersect_key($given, self::plain($given)) + [
            'modulename' => 'quiz',
            'course' => $this->course->id,
            'visible' => (int) $given['visible'],
            'visibleoncoursepage' => 1,
            'cmidnumber' => $given['testidnumber'],
            'groupmode' => NOGROUPS,
            'groupingid' => 0,
            'completion' => COMPLETION_TRACKING_NONE,
            'availabilityconditionsjson' => $given['availability'] ?? '',
            'introeditor' => ['text' => $given['intro'], 'format' => FORMAT_HTML, 'itemid' => 0],
            'shuffleanswers' => (int) $given['shuffleanswers'],
            'quizpassword' => $given['password'],
            'grade' => self::GRADE,
            'gradepass' => $given['passpercent'],
            'grademethod' => QUIZ_GRADEHIGHEST,
            'overduehandling' => 'autosubmit',
            'graceperiod' => 0,
            'preferredbehaviour' => 'deferredfeedback',
            'questionsperpage' => (int) get_config('quiz', 'questionsperpage'),
            'navmethod' => QUIZ_NAVMETHOD_FREE,
            'attemptonlast' => 0,
            'canredoquestions' => 0,
            'decimalpoints' => 2,
            'questiondecimalpoints' => -1,
            'showuserpicture' => 0,
            'showblocks' => 0,
            'subnet' => '',
            'browsersecurity' => '-',
            'delay1' => 0,
            'delay2' => 0,
            'allowofflineattempts' => 0,
            'seb_requiresafeexambrowser' => 0,
        ]);
        foreach (array_keys(self::REVIEW[$given['review']]) as $when) {
            foreach (self::SHOWN as $what) {
                $info->{$what . $when} = 1;
            }
        }
        return $info;
    }

    /**
     * Settings that are named in Moodle as in the contract.
     *
     * @param array $given
     * @return array
     */
    private static function plain(array $given): array {
        return array_intersect_key($given, array_flip(['name', 'timeopen', 'timeclose', 'timelimit', 'attempts']));
    }

    /**
     * Whether a quiz has the settings already.
     *
     * @param stdClass $quiz
     * @param stdClass $cm
     * @param array $given
     * @return bool
     */
    private function has_settings(stdClass $quiz, stdClass $cm, array $given): bool {
        $wanted = self::plain($given) + [
            'intro' => $given['intro'],
            'password' => $given['password'],
            'shuffleanswers' => (int) $given['shuffleanswers'],
        ];
        $wanted['name'] = trim($wanted['name']);
        $review = array_sum(self::REVIEW[$given['review']]);
        foreach (self::SHOWN as $what) {
            $wanted['review' . $what] = $what === 'attempt' ? $review | display_options::DURING : $review;
        }
        foreach ($wanted as $name => $value) {
            if ((string) $quiz->$name !== (string) $value) {
                return false;
            }
        }
        return (int) $cm->visible === (int) $given['visible']
            && self::same_condition($cm->availability, $given['availability'])
            && abs($this->passgrade((int) $quiz->id) - $given['passpercent']) < 0.00001;
    }

    /**
     * Whether two conditions are the same.
     *
     * @param string|null $present
     * @param string|null $wanted
     * @return bool
     */
    private static function same_condition(?string $present, ?string $wanted): bool {
        return json_decode((string) $present, true) == json_decode((string) $wanted, true);
    }

    /**
     * The grade to pass.
     *
     * @param int $quizid
     * @return float
     */
    private function passgrade(int $quizid): float {
        $item = \grade_item::fetch([
            'itemtype' => 'mod',
            'itemmodule' => 'quiz',
            'iteminstance' => $quizid,
            'itemnumber' => 0,
            'courseid' => $this->course->id,
        ]);
        return $item ? (float) $item->gradepass : -1.0;
    }

    /**
     * What save answers.
     *
     * @param string $outcome
     * @param stdClass $quiz
     * @param array $wanted slots
     * @return array
     */
    private function answer(string $outcome, stdClass $quiz, array $wanted): array {
        global $DB;
        $names = array_flip(['idnumber', 'entryid', 'questionid', 'version']);
        return [
            'outcome' => $outcome,
            'quizid' => (int) $quiz->id,
            'cmid' => (int) $quiz->cmid,
            'url' => (new moodle_url('/mod/quiz/view.php', ['id' => $quiz->cmid]))->out(false),
            'sumgrades' => (float) $DB->get_field('quiz', 'sumgrades', ['id' => $quiz->id], MUST_EXIST),
            'slots' => array_map(
                fn($place, $slot) => ['slot' => $place + 1] + array_intersect_key($slot, $names),
                array_keys($wanted),
                $wanted,
            ),
        ];
    }
}
