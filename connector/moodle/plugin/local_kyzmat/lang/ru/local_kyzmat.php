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
 * Strings in Russian.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['appealhow'] = 'Если вы не согласны с результатом, вы можете подать апелляцию в орган, проводивший тестирование. Срок и адрес указаны в результате или в его документе.';
$string['availabilityoff'] = 'На сайте выключено ограничение доступа, поэтому тест нельзя закрыть для чужих групп. Включите «Включить ограничение доступа» в «Дополнительных возможностях».';
$string['chunktoolarge'] = 'В списке {$a->count} элементов, за один вызов можно передать {$a->most}';
$string['completedon'] = 'завершён {$a}';
$string['courses'] = 'Курсы';
$string['due'] = 'Когда';
$string['hintsleft'] = 'Панель не приняла часть сообщений; они будут отправлены позже';
$string['invalidquestion'] = 'Место теста называет вопрос или версию, которых нет в банке или которые нельзя оценить: {$a}';
$string['kind_appeal'] = 'Апелляции';
$string['kind_notice'] = 'Объявления';
$string['kind_paper'] = 'Документы для ознакомления';
$string['kind_result'] = 'Результаты';
$string['kind_test'] = 'Тестирование';
$string['kind_training'] = 'Обучение';
$string['kyzmat:manage'] = 'Отправлять карточки людям и задавать адрес сообщений';
$string['language'] = 'Язык';
$string['manualenroloff'] = 'На сайте выключена ручная запись на курсы. Включите способ записи «Зачисление вручную».';
$string['myservice'] = 'Моя служба';
$string['next'] = 'Ближайшее';
$string['nostudentrole'] = 'На сайте нет роли вида «студент»';
$string['notenoughquestions'] = 'В категории меньше вопросов, чем требует раздел: {$a}';
$string['nothing'] = 'Сейчас для вас здесь ничего нет.';
$string['open'] = 'Открыть';
$string['opkeyconflict'] = 'Этот ключ операции уже использован с другим запросом: {$a}';
$string['past'] = 'срок прошёл';
$string['pluginname'] = 'Кызмат';
$string['privacy:metadata:local_kyzmat_card'] = 'Что показывает «Моя служба»';
$string['privacy:metadata:local_kyzmat_card:bodies'] = 'Текст';
$string['privacy:metadata:local_kyzmat_card:cardid'] = 'Номер карточки';
$string['privacy:metadata:local_kyzmat_card:due'] = 'Срок';
$string['privacy:metadata:local_kyzmat_card:kind'] = 'Вид карточки';
$string['privacy:metadata:local_kyzmat_card:state'] = 'Состояние';
$string['privacy:metadata:local_kyzmat_card:timemodified'] = 'Когда изменена';
$string['privacy:metadata:local_kyzmat_card:titles'] = 'Заголовок';
$string['privacy:metadata:local_kyzmat_card:url'] = 'Куда ведёт';
$string['privacy:metadata:local_kyzmat_change'] = 'Журнал переданных попыток и завершений';
$string['privacy:metadata:local_kyzmat_change:data'] = 'Что сообщается, когда попытка удалена';
$string['privacy:metadata:local_kyzmat_change:fingerprint'] = 'Состояние и балл, как переданы';
$string['privacy:metadata:local_kyzmat_change:itemid'] = 'Номер попытки';
$string['privacy:metadata:local_kyzmat_change:kind'] = 'Что передано';
$string['privacy:metadata:local_kyzmat_change:timecreated'] = 'Когда';
$string['privacy:metadata:local_kyzmat_outbox'] = 'Сообщения на пути к панели';
$string['privacy:metadata:local_kyzmat_outbox:body'] = 'Сообщение';
$string['privacy:metadata:local_kyzmat_outbox:timecreated'] = 'Когда';
$string['privacy:metadata:local_kyzmat_person'] = 'Язык, на котором панель обращается к человеку';
$string['privacy:metadata:local_kyzmat_person:lang'] = 'Язык';
$string['privacy:metadata:panel'] = 'Панель «Кызмат» забирает результаты и ход обучения людей, которых ведёт';
$string['privacy:metadata:panel:completions'] = 'Ход и оценки курсов';
$string['privacy:metadata:panel:idnumber'] = 'Идентификатор человека';
$string['privacy:metadata:panel:results'] = 'Попытки с ответами и баллами';
$string['privacy:metadata:userid'] = 'Человек';
$string['progress'] = 'выполнено заданий: {$a->done} из {$a->all}';
$string['pushanywhere'] = 'Отправлять сообщения на любой адрес';
$string['pushanywhere_desc'] = 'Панель может находиться по адресу или порту, которые сайт закрывает для собственных запросов (безопасность HTTP). Включайте, только если панель работает в той же закрытой сети.';
$string['state'] = 'Состояние';
$string['sweep'] = 'Отправить панели оставшиеся сообщения';
$string['testhasattempts'] = 'Тест уже начат, его вопросы изменить нельзя: {$a}';
$string['unknownbank'] = 'Нет банка вопросов с идентификатором «{$a}»';
$string['unknowncourse'] = 'Нет курса с идентификатором «{$a}»';
$string['unknowntest'] = 'Нет теста с идентификатором «{$a}»';
$string['versionconflict'] = 'Версия вопроса не та, что ожидалась: {$a}';
