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
 * Strings in Kazakh. Not yet checked by a native speaker.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['appealhow'] = 'Нәтижемен келіспесеңіз, тестті өткізген органға апелляция бере аласыз. Мерзімі мен мекенжайы нәтижеде немесе оның құжатында көрсетілген.';
$string['availabilityoff'] = 'Сайтта қолжетімділікті шектеу өшірілген, сондықтан тестті басқа топтарға жабу мүмкін емес. «Қосымша мүмкіндіктерде» қолжетімділікті шектеуді қосыңыз.';
$string['chunktoolarge'] = 'Тізімде {$a->count} элемент бар, бір шақыруға {$a->most} ғана сыяды';
$string['completedon'] = '{$a} аяқталды';
$string['courses'] = 'Курстар';
$string['due'] = 'Қашан';
$string['hintsleft'] = 'Панель кейбір хабарламаларды қабылдамады; олар кейін қайта жіберіледі';
$string['invalidquestion'] = 'Тест орны банкте жоқ немесе бағалауға болмайтын сұрақты немесе нұсқаны атайды: {$a}';
$string['kind_appeal'] = 'Апелляциялар';
$string['kind_notice'] = 'Хабарландырулар';
$string['kind_paper'] = 'Танысуға арналған құжаттар';
$string['kind_result'] = 'Нәтижелер';
$string['kind_test'] = 'Тесттер';
$string['kind_training'] = 'Оқыту';
$string['kyzmat:manage'] = 'Адамдарға карточкалар жіберу және хабарламалар мекенжайын қою';
$string['language'] = 'Тіл';
$string['manualenroloff'] = 'Сайтта курсқа қолмен жазу өшірілген. Оны қосыңыз.';
$string['myservice'] = 'Менің қызметім';
$string['next'] = 'Жақын арада';
$string['nostudentrole'] = 'Сайтта «студент» түріндегі рөл жоқ';
$string['notenoughquestions'] = 'Санатта бөлім сұрағаннан аз сұрақ бар: {$a}';
$string['nothing'] = 'Әзірге сіз үшін мұнда ештеңе жоқ.';
$string['open'] = 'Ашу';
$string['opkeyconflict'] = 'Бұл операция кілті басқа сұраумен қолданылған: {$a}';
$string['past'] = 'мерзімі өтті';
$string['pluginname'] = 'Қызмет';
$string['privacy:metadata:local_kyzmat_card'] = '«Менің қызметім» нені көрсетеді';
$string['privacy:metadata:local_kyzmat_card:bodies'] = 'Мәтіні';
$string['privacy:metadata:local_kyzmat_card:cardid'] = 'Карточканың нөмірі';
$string['privacy:metadata:local_kyzmat_card:due'] = 'Мерзімі';
$string['privacy:metadata:local_kyzmat_card:kind'] = 'Карточканың түрі';
$string['privacy:metadata:local_kyzmat_card:state'] = 'Күйі';
$string['privacy:metadata:local_kyzmat_card:timemodified'] = 'Қашан өзгертілді';
$string['privacy:metadata:local_kyzmat_card:titles'] = 'Атауы';
$string['privacy:metadata:local_kyzmat_card:url'] = 'Қайда апарады';
$string['privacy:metadata:local_kyzmat_change'] = 'Хабарланған әрекеттер мен аяқтаулар журналы';
$string['privacy:metadata:local_kyzmat_change:data'] = 'Әрекет жойылғанда не хабарланады';
$string['privacy:metadata:local_kyzmat_change:fingerprint'] = 'Хабарланған күй мен балл';
$string['privacy:metadata:local_kyzmat_change:itemid'] = 'Әрекеттің нөмірі';
$string['privacy:metadata:local_kyzmat_change:kind'] = 'Не хабарланды';
$string['privacy:metadata:local_kyzmat_change:timecreated'] = 'Қашан';
$string['privacy:metadata:local_kyzmat_outbox'] = 'Панельге жіберілген хабарламалар';
$string['privacy:metadata:local_kyzmat_outbox:body'] = 'Хабарлама';
$string['privacy:metadata:local_kyzmat_outbox:timecreated'] = 'Қашан';
$string['privacy:metadata:local_kyzmat_person'] = 'Панель адаммен сөйлесетін тіл';
$string['privacy:metadata:local_kyzmat_person:lang'] = 'Тіл';
$string['privacy:metadata:panel'] = '«Қызмет» панелі өзі жүргізетін адамдардың нәтижелері мен оқу барысын алады';
$string['privacy:metadata:panel:completions'] = 'Курстардың барысы мен бағалары';
$string['privacy:metadata:panel:idnumber'] = 'Адамның идентификаторы';
$string['privacy:metadata:panel:results'] = 'Жауаптары мен балдары бар әрекеттер';
$string['privacy:metadata:userid'] = 'Адам';
$string['progress'] = '{$a->all} тапсырманың {$a->done} орындалды';
$string['pushanywhere'] = 'Хабарламаларды кез келген мекенжайға жіберу';
$string['pushanywhere_desc'] = 'Панель сайт өз сұраулары үшін жапқан мекенжайда немесе портта болуы мүмкін (HTTP қауіпсіздігі). Панель сол жабық желіде жұмыс істесе ғана қосыңыз.';
$string['state'] = 'Күйі';
$string['sweep'] = 'Қалған хабарламаларды панельге жіберу';
$string['testhasattempts'] = 'Тест басталған, оның сұрақтарын өзгертуге болмайды: {$a}';
$string['unknownbank'] = '«{$a}» идентификаторы бар сұрақтар банкі жоқ';
$string['unknowncourse'] = '«{$a}» идентификаторы бар курс жоқ';
$string['unknowntest'] = '«{$a}» идентификаторы бар тест жоқ';
$string['versionconflict'] = 'Сұрақтың нұсқасы күтілгендей емес: {$a}';
