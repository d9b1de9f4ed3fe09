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
 * "My service": what the panel has for this person.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

require(__DIR__ . '/../../config.php');

use local_kyzmat\local\cards;
use local_kyzmat\local\my_courses;
use local_kyzmat\local\myservice;

require_login(null, false);
if (isguestuser()) {
    throw new require_login_exception('guest');
}
myservice::speak(optional_param('speak', '', PARAM_ALPHA));
$lang = myservice::language((int) $USER->id);
$PAGE->set_url(new moodle_url('/local/kyzmat/index.php'));
$PAGE->set_context(context_system::instance());
$PAGE->set_pagelayout('standard');
$PAGE->set_title(myservice::word('myservice', $lang));
$PAGE->set_heading(myservice::word('myservice', $lang));

echo $OUTPUT->header();
$page = myservice::page(cards::of((int) $USER->id, $lang), my_courses::of((int) $USER->id), $lang);
echo $OUTPUT->render_from_template('local_kyzmat/myservice', $page);
echo $OUTPUT->footer();
