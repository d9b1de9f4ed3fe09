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
 * Finding things by their idnumber.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use invalid_parameter_exception;
use moodle_exception;
use stdClass;

/**
 * Courses, tests, people and groups by idnumber, many at a time.
 */
final class finder {
    /**
     * A course.
     *
     * @param string $idnumber
     * @return stdClass course
     */
    public static function course(string $idnumber): stdClass {
        global $DB;
        $found = $idnumber === '' ? [] : $DB->get_records('course', ['idnumber' => $idnumber]);
        if (count($found) !== 1) {
            throw new moodle_exception('unknowncourse', 'local_kyzmat', '', $idnumber);
        }
        return reset($found);
    }

    /**
     * A test: its course module with the quiz's id as instance.
     *
     * @param string $idnumber
     * @return stdClass course module
     */
    public static function test(string $idnumber): stdClass {
        $found = self::test_or_null($idnumber);
        if ($found === null) {
            throw new moodle_exception('unknowntest', 'local_kyzmat', '', $idnumber);
        }
        return $found;
    }

    /**
     * A test, or null. Moodle itself lets two activities have one idnumber: then nobody can say which is meant.
     *
     * @param string $idnumber
     * @return stdClass|null course module
     */
    public static function test_or_null(string $idnumber): ?stdClass {
        $found = self::tests([$idnumber]);
        if (count($found) > 1) {
            throw new invalid_parameter_exception("testidnumber => two tests have the idnumber $idnumber");
        }
        return $found ? reset($found) : null;
    }

    /**
     * Tests by their idnumbers; an empty list means every test that has one.
     *
     * @param array $idnumbers
     * @return array course modules
     */
    private static function tests(array $idnumbers): array {
        global $DB;
        $in = "<> ''";
        $params = [];
        if ($idnumbers) {
            [$in, $params] = $DB->get_in_or_equal($idnumbers, SQL_PARAMS_NAMED);
        }
        return $DB->get_records_sql(
            "SELECT cm.*
               FROM {course_modules} cm
               JOIN {modules} m ON m.id = cm.module AND m.name = 'quiz'
              WHERE cm.deletioninprogress = 0 AND cm.idnumber $in
           ORDER BY cm.id",
            $params,
        );
    }

    /**
     * Tests in the order asked for. Throws unknowntest if one is not there; an empty list means every test.
     *
     * @param array $idnumbers
     * @return array idnumber => course module
     */
    public static function all_tests(array $idnumbers): array {
        $found = [];
        foreach (self::tests($idnumbers) as $cm) {
            $found[$cm->idnumber] = $cm;
        }
        return self::all_of($idnumbers, $found, 'unknowntest');
    }

    /**
     * Courses in the order asked for. Throws unknowncourse if one is not there; an empty list means every course.
     *
     * @param array $idnumbers
     * @return array idnumber => course
     */
    public static function all_courses(array $idnumbers): array {
        global $DB;
        $in = "<> ''";
        $params = [];
        if ($idnumbers) {
            [$in, $params] = $DB->get_in_or_equal($idnumbers, SQL_PARAMS_NAMED);
        }
        $found = [];
        foreach ($DB->get_records_select('course', "idnumber $in", $params, 'id') as $course) {
            $found[$course->idnumber] = $course;
        }
        return self::all_of($idnumbers, $found, 'unknowncourse');
    }

    /**
     * What was asked for, out of what was found.
     *
     * @param array $idnumbers
     * @param array $found
     * @param string $errorcode
     * @return array
     */
    private static function all_of(array $idnumbers, array $found, string $errorcode): array {
        $wanted = [];
        foreach ($idnumbers as $idnumber) {
            if (!isset($found[$idnumber])) {
                throw new moodle_exception($errorcode, 'local_kyzmat', '', $idnumber);
            }
            $wanted[$idnumber] = $found[$idnumber];
        }
        return $idnumbers ? $wanted : $found;
    }

    /**
     * The ids of those people who are known.
     *
     * @param array $idnumbers
     * @return array idnumber => user id
     */
    public static function users(array $idnumbers): array {
        global $DB;
        $found = [];
        foreach (array_chunk(self::named($idnumbers), 1000) as $part) {
            [$in, $params] = $DB->get_in_or_equal($part);
            $rows = $DB->get_records_select('user', "deleted = 0 AND idnumber $in", $params, 'id DESC', 'id, idnumber');
            foreach ($rows as $row) {
                $found[$row->idnumber] = (int) $row->id;
            }
        }
        return $found;
    }

    /**
     * The ids of those groups of a course that are there.
     *
     * @param int $courseid
     * @param array $idnumbers
     * @return array idnumber => group id
     */
    public static function groups(int $courseid, array $idnumbers): array {
        global $DB;
        $names = self::named($idnumbers);
        if (!$names) {
            return [];
        }
        [$in, $params] = $DB->get_in_or_equal($names);
        $params[] = $courseid;
        $found = [];
        foreach ($DB->get_records_select('groups', "idnumber $in AND courseid = ?", $params, 'id DESC', 'id, idnumber') as $row) {
            $found[$row->idnumber] = (int) $row->id;
        }
        return $found;
    }

    /**
     * The ids of these groups of a course; those not there yet are made.
     *
     * @param int $courseid
     * @param array $idnumbers
     * @return array idnumber => group id
     */
    public static function groups_made(int $courseid, array $idnumbers): array {
        global $CFG;
        require_once($CFG->dirroot . '/group/lib.php');
        $found = self::groups($courseid, $idnumbers);
        foreach (self::named($idnumbers) as $idnumber) {
            if (!isset($found[$idnumber])) {
                limits::require_idnumber('groupidnumbers', $idnumber);
                $group = (object) ['courseid' => $courseid, 'name' => $idnumber, 'idnumber' => $idnumber];
                $found[$idnumber] = (int) groups_create_group($group);
            }
        }
        return $found;
    }

    /**
     * Distinct names that are not empty, as strings: PHP turns keys of digits into integers.
     *
     * @param array $idnumbers
     * @return array
     */
    private static function named(array $idnumbers): array {
        return array_values(array_unique(array_filter(array_map('strval', $idnumbers), fn($one) => $one !== '')));
    }
}
