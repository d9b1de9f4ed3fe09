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
 * Strings in Kyrgyz. Not yet checked by a native speaker.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['appealhow'] = 'Жыйынтыкка макул болбосоңуз, тестти өткөргөн органга апелляция бере аласыз. Мөөнөтү жана дареги жыйынтыкта же анын документинде көрсөтүлгөн.';
$string['availabilityoff'] = 'Сайтта кирүүнү чектөө өчүрүлгөн, ошондуктан тестти башка топторго жабууга болбойт. «Кошумча мүмкүнчүлүктөрдө» кирүүнү чектөөнү күйгүзүңүз.';
$string['chunktoolarge'] = 'Тизмеде {$a->count} элемент бар, бир чакырууга {$a->most} гана батат';
$string['completedon'] = '{$a} бүттү';
$string['courses'] = 'Курстар';
$string['due'] = 'Качан';
$string['hintsleft'] = 'Панель айрым билдирүүлөрдү кабыл алган жок; алар кийин кайра жөнөтүлөт';
$string['invalidquestion'] = 'Тесттин орду банкта жок же баалоого болбой турган суроону же версияны атайт: {$a}';
$string['kind_appeal'] = 'Апелляциялар';
$string['kind_notice'] = 'Кулактандыруулар';
$string['kind_paper'] = 'Таанышуу үчүн документтер';
$string['kind_result'] = 'Жыйынтыктар';
$string['kind_test'] = 'Тесттер';
$string['kind_training'] = 'Окутуу';
$string['kyzmat:manage'] = 'Адамдарга карточкаларды жөнөтүү жана билдирүүлөрдүн дарегин коюу';
$string['language'] = 'Тил';
$string['manualenroloff'] = 'Сайтта курска кол менен жазуу өчүрүлгөн. Аны күйгүзүңүз.';
$string['myservice'] = 'Менин кызматым';
$string['next'] = 'Жакын арада';
$string['nostudentrole'] = 'Сайтта «студент» түрүндөгү роль жок';
$string['notenoughquestions'] = 'Категорияда бөлүм сурагандан аз суроо бар: {$a}';
$string['nothing'] = 'Азырынча сиз үчүн эч нерсе жок.';
$string['open'] = 'Ачуу';
$string['opkeyconflict'] = 'Бул операция ачкычы башка суроо-талап менен колдонулган: {$a}';
$string['past'] = 'мөөнөтү өттү';
$string['pluginname'] = 'Кызмат';
$string['privacy:metadata:local_kyzmat_card'] = '«Менин кызматым» эмнени көрсөтөт';
$string['privacy:metadata:local_kyzmat_card:bodies'] = 'Тексти';
$string['privacy:metadata:local_kyzmat_card:cardid'] = 'Карточканын номери';
$string['privacy:metadata:local_kyzmat_card:due'] = 'Мөөнөтү';
$string['privacy:metadata:local_kyzmat_card:kind'] = 'Карточканын түрү';
$string['privacy:metadata:local_kyzmat_card:state'] = 'Абалы';
$string['privacy:metadata:local_kyzmat_card:timemodified'] = 'Качан өзгөртүлгөн';
$string['privacy:metadata:local_kyzmat_card:titles'] = 'Аталышы';
$string['privacy:metadata:local_kyzmat_card:url'] = 'Кайда алып барат';
$string['privacy:metadata:local_kyzmat_change'] = 'Билдирилген аракеттердин жана бүтүрүүлөрдүн журналы';
$string['privacy:metadata:local_kyzmat_change:data'] = 'Аракет өчүрүлгөндө эмне билдирилет';
$string['privacy:metadata:local_kyzmat_change:fingerprint'] = 'Билдирилген абал жана балл';
$string['privacy:metadata:local_kyzmat_change:itemid'] = 'Аракеттин номери';
$string['privacy:metadata:local_kyzmat_change:kind'] = 'Эмне билдирилди';
$string['privacy:metadata:local_kyzmat_change:timecreated'] = 'Качан';
$string['privacy:metadata:local_kyzmat_outbox'] = 'Панелге бараткан билдирүүлөр';
$string['privacy:metadata:local_kyzmat_outbox:body'] = 'Билдирүү';
$string['privacy:metadata:local_kyzmat_outbox:timecreated'] = 'Качан';
$string['privacy:metadata:local_kyzmat_person'] = 'Панель адам менен сүйлөшкөн тил';
$string['privacy:metadata:local_kyzmat_person:lang'] = 'Тил';
$string['privacy:metadata:panel'] = '«Кызмат» панели өзү жүргүзгөн адамдардын жыйынтыктарын жана окуусунун жүрүшүн алат';
$string['privacy:metadata:panel:completions'] = 'Курстардын жүрүшү жана баалары';
$string['privacy:metadata:panel:idnumber'] = 'Адамдын идентификатору';
$string['privacy:metadata:panel:results'] = 'Жооптору жана баллдары менен аракеттер';
$string['privacy:metadata:userid'] = 'Адам';
$string['progress'] = '{$a->all} тапшырманын {$a->done} аткарылды';
$string['pushanywhere'] = 'Билдирүүлөрдү каалаган дарекке жөнөтүү';
$string['pushanywhere_desc'] = 'Панель сайт өз суроо-талаптары үчүн жапкан даректе же портто болушу мүмкүн (HTTP коопсуздугу). Панель ошол эле жабык тармакта иштесе гана күйгүзүңүз.';
$string['state'] = 'Абалы';
$string['sweep'] = 'Калган билдирүүлөрдү панелге жөнөтүү';
$string['testhasattempts'] = 'Тест башталган, анын суроолорун өзгөртүүгө болбойт: {$a}';
$string['unknownbank'] = '«{$a}» идентификатору бар суроолор банкы жок';
$string['unknowncourse'] = '«{$a}» идентификатору бар курс жок';
$string['unknowntest'] = '«{$a}» идентификатору бар тест жок';
$string['versionconflict'] = 'Суроонун версиясы күтүлгөндөй эмес: {$a}';
