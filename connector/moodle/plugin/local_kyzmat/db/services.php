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
 * Functions of the plugin and the service made of them.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$functions = [
    'local_kyzmat_get_site' => [
        'classname' => \local_kyzmat\external\get_site::class,
        'description' => 'What the plugin says of its site',
        'type' => 'read',
        'capabilities' => 'webservice/rest:use',
        'ajax' => false,
    ],
    'local_kyzmat_save_bank' => [
        'classname' => \local_kyzmat\external\save_bank::class,
        'description' => 'Create or rename a question bank',
        'type' => 'write',
        'capabilities' => 'moodle/question:managecategory, moodle/course:manageactivities',
        'ajax' => false,
    ],
    'local_kyzmat_get_bank_state' => [
        'classname' => \local_kyzmat\external\get_bank_state::class,
        'description' => 'The latest versions in a question bank',
        'type' => 'read',
        'capabilities' => 'moodle/question:useall',
        'ajax' => false,
    ],
    'local_kyzmat_get_question' => [
        'classname' => \local_kyzmat\external\get_question::class,
        'description' => 'One version of a question as Moodle XML',
        'type' => 'read',
        'capabilities' => 'moodle/question:useall',
        'ajax' => false,
    ],
    'local_kyzmat_import_questions' => [
        'classname' => \local_kyzmat\external\import_questions::class,
        'description' => 'Create questions or new versions of them',
        'type' => 'write',
        'capabilities' => 'moodle/question:add',
        'ajax' => false,
    ],
    'local_kyzmat_set_question_status' => [
        'classname' => \local_kyzmat\external\set_question_status::class,
        'description' => 'Hide or show questions',
        'type' => 'write',
        'capabilities' => 'moodle/question:add',
        'ajax' => false,
    ],
    'local_kyzmat_save_people' => [
        'classname' => \local_kyzmat\external\save_people::class,
        'description' => 'Create or change people',
        'type' => 'write',
        'capabilities' => 'moodle/user:create, moodle/user:update',
        'ajax' => false,
    ],
    'local_kyzmat_save_enrolments' => [
        'classname' => \local_kyzmat\external\save_enrolments::class,
        'description' => 'Enrol people, put them into groups, or take them out',
        'type' => 'write',
        'capabilities' => 'enrol/manual:enrol',
        'ajax' => false,
    ],
    'local_kyzmat_save_test' => [
        'classname' => \local_kyzmat\external\save_test::class,
        'description' => 'Create or change a test with fixed questions',
        'type' => 'write',
        'capabilities' => 'mod/quiz:manage',
        'ajax' => false,
    ],
    'local_kyzmat_save_overrides' => [
        'classname' => \local_kyzmat\external\save_overrides::class,
        'description' => 'Other times for a person or a group',
        'type' => 'write',
        'capabilities' => 'mod/quiz:manageoverrides',
        'ajax' => false,
    ],
    'local_kyzmat_get_progress' => [
        'classname' => \local_kyzmat\external\get_progress::class,
        'description' => 'How a test goes now',
        'type' => 'read',
        'capabilities' => 'mod/quiz:viewreports',
        'ajax' => false,
    ],
    'local_kyzmat_get_results' => [
        'classname' => \local_kyzmat\external\get_results::class,
        'description' => 'Attempts that have ended, with every answer',
        'type' => 'read',
        'capabilities' => 'mod/quiz:viewreports',
        'ajax' => false,
    ],
    'local_kyzmat_get_completions' => [
        'classname' => \local_kyzmat\external\get_completions::class,
        'description' => 'Progress in training courses',
        'type' => 'read',
        'capabilities' => 'report/completion:view',
        'ajax' => false,
    ],
    'local_kyzmat_save_cards' => [
        'classname' => \local_kyzmat\external\save_cards::class,
        'description' => 'What "My service" shows to a person',
        'type' => 'write',
        'capabilities' => 'local/kyzmat:manage',
        'ajax' => false,
    ],
    'local_kyzmat_save_push' => [
        'classname' => \local_kyzmat\external\save_push::class,
        'description' => 'Where hints are sent to',
        'type' => 'write',
        'capabilities' => 'local/kyzmat:manage',
        'ajax' => false,
    ],
    // Beside the contract: for the panel's doctor.
    'local_kyzmat_check_push' => [
        'classname' => \local_kyzmat\external\check_push::class,
        'description' => 'Whether this site reaches the panel',
        'type' => 'read',
        'capabilities' => 'local/kyzmat:manage',
        'ajax' => false,
    ],
];

$services = [
    'Kyzmat' => [
        'shortname' => 'local_kyzmat',
        'restrictedusers' => 1,
        'enabled' => 1,
        'downloadfiles' => 0,
        'uploadfiles' => 0,
        'functions' => [
            'core_webservice_get_site_info',
            'core_course_get_courses_by_field',
            'core_course_create_courses',
            'local_kyzmat_get_site',
            'local_kyzmat_save_bank',
            'local_kyzmat_get_bank_state',
            'local_kyzmat_get_question',
            'local_kyzmat_import_questions',
            'local_kyzmat_set_question_status',
            'local_kyzmat_save_people',
            'local_kyzmat_save_enrolments',
            'local_kyzmat_save_test',
            'local_kyzmat_save_overrides',
            'local_kyzmat_get_progress',
            'local_kyzmat_get_results',
            'local_kyzmat_get_completions',
            'local_kyzmat_save_cards',
            'local_kyzmat_save_push',
            'local_kyzmat_check_push',
        ],
    ],
];
