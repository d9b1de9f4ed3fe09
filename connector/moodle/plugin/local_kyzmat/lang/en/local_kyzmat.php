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
 * Strings in English.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['appealhow'] = 'If you do not agree with a result, you may appeal to the body that held the test. Until when and to whom is said in the result or in its paper.';
$string['availabilityoff'] = 'Restricting access is switched off on this site, so a test cannot be kept for its groups. Switch on "Enable restricted access" under Advanced features.';
$string['chunktoolarge'] = 'The list has {$a->count} items, one call may carry {$a->most}';
$string['completedon'] = 'completed on {$a}';
$string['courses'] = 'Courses';
$string['due'] = 'When';
$string['hintsleft'] = 'Some hints were not taken by the panel; they are sent again later';
$string['invalidquestion'] = 'A place of the test names a question or version that is not in the bank or cannot be marked: {$a}';
$string['kind_appeal'] = 'Appeals';
$string['kind_notice'] = 'Notices';
$string['kind_paper'] = 'Papers to read';
$string['kind_result'] = 'Results';
$string['kind_test'] = 'Tests';
$string['kind_training'] = 'Training';
$string['kyzmat:manage'] = 'Send cards to people and set where hints go';
$string['language'] = 'Language';
$string['manualenroloff'] = 'Enrolment by hand is switched off on this site. Switch on the enrolment method "Manual enrolments".';
$string['myservice'] = 'My service';
$string['next'] = 'What comes next';
$string['nostudentrole'] = 'The site has no role of the kind "student"';
$string['notenoughquestions'] = 'The category holds fewer questions than the section asks for: {$a}';
$string['nothing'] = 'There is nothing for you here now.';
$string['open'] = 'Open';
$string['opkeyconflict'] = 'This operation key was used before with another request: {$a}';
$string['past'] = 'past';
$string['pluginname'] = 'Kyzmat';
$string['privacy:metadata:local_kyzmat_card'] = 'What "My service" shows';
$string['privacy:metadata:local_kyzmat_card:bodies'] = 'Text';
$string['privacy:metadata:local_kyzmat_card:cardid'] = 'Number of the card';
$string['privacy:metadata:local_kyzmat_card:due'] = 'When it is due';
$string['privacy:metadata:local_kyzmat_card:kind'] = 'Kind of the card';
$string['privacy:metadata:local_kyzmat_card:state'] = 'State';
$string['privacy:metadata:local_kyzmat_card:timemodified'] = 'When it was changed';
$string['privacy:metadata:local_kyzmat_card:titles'] = 'Title';
$string['privacy:metadata:local_kyzmat_card:url'] = 'Where it leads';
$string['privacy:metadata:local_kyzmat_change'] = 'Log of attempts and completions that were reported';
$string['privacy:metadata:local_kyzmat_change:data'] = 'What is told when the attempt is deleted';
$string['privacy:metadata:local_kyzmat_change:fingerprint'] = 'State and mark as reported';
$string['privacy:metadata:local_kyzmat_change:itemid'] = 'Number of the attempt';
$string['privacy:metadata:local_kyzmat_change:kind'] = 'What was reported';
$string['privacy:metadata:local_kyzmat_change:timecreated'] = 'When';
$string['privacy:metadata:local_kyzmat_outbox'] = 'Hints on their way to the panel';
$string['privacy:metadata:local_kyzmat_outbox:body'] = 'The hint';
$string['privacy:metadata:local_kyzmat_outbox:timecreated'] = 'When';
$string['privacy:metadata:local_kyzmat_person'] = 'Language the panel speaks to a person';
$string['privacy:metadata:local_kyzmat_person:lang'] = 'Language';
$string['privacy:metadata:panel'] = 'The panel of Kyzmat pulls results and progress of the people it manages';
$string['privacy:metadata:panel:completions'] = 'Progress and grades of courses';
$string['privacy:metadata:panel:idnumber'] = 'Idnumber of the person';
$string['privacy:metadata:panel:results'] = 'Attempts with answers and marks';
$string['privacy:metadata:userid'] = 'The person';
$string['progress'] = '{$a->done} of {$a->all} activities done';
$string['pushanywhere'] = 'Send hints to any address';
$string['pushanywhere_desc'] = 'The panel may stand at an address or port that this site blocks for its own requests (HTTP security). Switch this on only when the panel runs in the same private network.';
$string['state'] = 'State';
$string['sweep'] = 'Send hints to the panel that were left';
$string['testhasattempts'] = 'Somebody has begun the test already, its questions cannot be changed: {$a}';
$string['unknownbank'] = 'There is no question bank with the idnumber "{$a}"';
$string['unknowncourse'] = 'There is no course with the idnumber "{$a}"';
$string['unknowntest'] = 'There is no test with the idnumber "{$a}"';
$string['versionconflict'] = 'The question has another version than expected: {$a}';
