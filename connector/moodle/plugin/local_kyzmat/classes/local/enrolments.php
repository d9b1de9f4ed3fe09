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
 * Members of a course.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use moodle_exception;
use stdClass;

/**
 * Enrols by hand, sets groups, takes out.
 */
final class enrolments {
    /** @var stdClass enrolment method of the course */
    private readonly stdClass $instance;

    /** @var array user id => row of user_enrolments */
    private array $enrolled = [];

    /** @var array user id => list of group ids in the course */
    private array $groups = [];

    /**
     * Constructor.
     *
     * @param stdClass $course
     */
    public function __construct(private readonly stdClass $course) {
        global $CFG;
        require_once($CFG->libdir . '/enrollib.php');
        require_once($CFG->dirroot . '/group/lib.php');
        $this->instance = self::manual_instance($course);
    }

    /**
     * Enrol, change or remove members.
     *
     * @param array $members
     * @return array results in their order
     */
    public function save(array $members): array {
        $users = finder::users(array_column($members, 'useridnumber'));
        $named = array_merge([], ...array_column(array_filter($members, fn($one) => !$one['remove']), 'groupidnumbers'));
        $groups = finder::groups_made((int) $this->course->id, $named);
        $this->load(array_values($users));
        $results = [];
        foreach ($members as $member) {
            [$outcome, $message] = $this->one($member, $users[$member['useridnumber']] ?? 0, $groups);
            $results[] = ['useridnumber' => $member['useridnumber'], 'outcome' => $outcome, 'message' => $message];
        }
        return $results;
    }

    /**
     * The course's enrolment by hand; made or switched on when it is not.
     *
     * @param stdClass $course
     * @return stdClass
     */
    private static function manual_instance(stdClass $course): stdClass {
        global $DB;
        $plugin = enrol_get_plugin('manual');
        if (!$plugin || !enrol_is_enabled('manual')) {
            throw new moodle_exception('manualenroloff', 'local_kyzmat');
        }
        $found = $DB->get_records('enrol', ['courseid' => $course->id, 'enrol' => 'manual'], 'status, id');
        if (!$found) {
            $id = $plugin->add_default_instance($course) ?: $plugin->add_instance($course);
            return $DB->get_record('enrol', ['id' => $id], '*', MUST_EXIST);
        }
        $instance = reset($found);
        if ((int) $instance->status !== ENROL_INSTANCE_ENABLED) {
            $plugin->update_status($instance, ENROL_INSTANCE_ENABLED);
        }
        return $instance;
    }

    /**
     * Read what is there of some people, at once.
     *
     * @param array $userids
     */
    private function load(array $userids): void {
        global $DB;
        if (!$userids) {
            return;
        }
        [$in, $params] = $DB->get_in_or_equal($userids, SQL_PARAMS_NAMED);
        $rows = $DB->get_records_select('user_enrolments', "enrolid = :enrol AND userid $in",
            ['enrol' => $this->instance->id] + $params);
        foreach ($rows as $row) {
            $this->enrolled[$row->userid] = $row;
        }
        $rows = $DB->get_records_sql(
            "SELECT m.id, m.userid, m.groupid
               FROM {groups_members} m
               JOIN {groups} g ON g.id = m.groupid
              WHERE g.courseid = :course AND m.userid $in",
            ['course' => $this->course->id] + $params,
        );
        foreach ($rows as $row) {
            $this->groups[$row->userid][] = (int) $row->groupid;
        }
    }

    /**
     * One member.
     *
     * @param array $member
     * @param int $userid 0 = unknown
     * @param array $groups idnumber => group id
     * @return array [outcome, message]
     */
    private function one(array $member, int $userid, array $groups): array {
        if ($userid === 0) {
            return ['missing', 'there is no such person'];
        }
        if ($member['role'] !== 'student') {
            return ['invalid', "unknown role {$member['role']}"];
        }
        if (in_array('', $member['groupidnumbers'], true)) {
            return ['invalid', 'a group has no idnumber'];
        }
        if ($member['timeend'] !== 0 && $member['timeend'] <= $member['timestart']) {
            return ['invalid', 'timeend must be after timestart'];
        }
        if ($member['remove']) {
            return [$this->remove($userid), ''];
        }
        $enrolled = $this->enrol($userid, $member['timestart'], $member['timeend']);
        $regrouped = $this->regroup($userid, array_map(fn($name) => $groups[$name], $member['groupidnumbers']));
        return [$enrolled === 'unchanged' && $regrouped ? 'updated' : $enrolled, ''];
    }

    /**
     * Take a person out. Attempts stay.
     *
     * @param int $userid
     * @return string outcome
     */
    private function remove(int $userid): string {
        if (!isset($this->enrolled[$userid])) {
            return 'unchanged';
        }
        $this->regroup($userid, []);
        enrol_get_plugin('manual')->unenrol_user($this->instance, $userid);
        unset($this->enrolled[$userid], $this->groups[$userid]);
        return 'removed';
    }

    /**
     * Enrol a person.
     *
     * @param int $userid
     * @param int $start
     * @param int $end
     * @return string outcome
     */
    private function enrol(int $userid, int $start, int $end): string {
        $row = $this->enrolled[$userid] ?? null;
        $same = $row && (int) $row->timestart === $start && (int) $row->timeend === $end
            && (int) $row->status === ENROL_USER_ACTIVE;
        if ($same) {
            return 'unchanged';
        }
        enrol_get_plugin('manual')->enrol_user($this->instance, $userid, self::student_role(), $start, $end, ENROL_USER_ACTIVE);
        $this->enrolled[$userid] = (object) ['timestart' => $start, 'timeend' => $end, 'status' => ENROL_USER_ACTIVE];
        return $row ? 'updated' : 'created';
    }

    /**
     * Make these the person's groups in the course.
     *
     * @param int $userid
     * @param array $wanted group ids
     * @return bool whether they were others
     */
    private function regroup(int $userid, array $wanted): bool {
        $present = $this->groups[$userid] ?? [];
        $away = array_diff($present, $wanted);
        $new = array_diff($wanted, $present);
        foreach ($away as $groupid) {
            groups_remove_member($groupid, $userid);
        }
        foreach ($new as $groupid) {
            groups_add_member($groupid, $userid);
        }
        $this->groups[$userid] = array_values(array_unique($wanted));
        return $away || $new;
    }

    /**
     * The role of those who sit tests.
     *
     * @return int
     */
    private static function student_role(): int {
        $roles = get_archetype_roles('student');
        foreach ($roles as $role) {
            if ($role->shortname === 'student') {
                return (int) $role->id;
            }
        }
        if (!$roles) {
            throw new moodle_exception('nostudentrole', 'local_kyzmat');
        }
        return (int) reset($roles)->id;
    }
}
