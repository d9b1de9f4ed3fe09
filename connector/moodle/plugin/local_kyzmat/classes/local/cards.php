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
 * What "My service" shows.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use stdClass;

/**
 * Cards the panel sends to people.
 */
final class cards {
    /** Kinds of cards, in the order the page shows them. */
    public const KINDS = ['test', 'training', 'result', 'paper', 'appeal', 'notice'];

    /**
     * Set or remove cards.
     *
     * @param array $cards
     * @return array results in their order
     */
    public static function save(array $cards): array {
        global $DB;
        $users = finder::users(array_column($cards, 'useridnumber'));
        $ids = array_values(array_unique(array_column($cards, 'cardid')));
        $present = [];
        foreach ($ids ? $DB->get_records_list('local_kyzmat_card', 'cardid', $ids) : [] as $row) {
            $present[$row->cardid] = $row;
        }
        $results = [];
        foreach ($cards as $card) {
            [$outcome, $message] = self::one($card, $users[$card['useridnumber']] ?? 0, $present);
            $results[] = ['cardid' => $card['cardid'], 'outcome' => $outcome, 'message' => $message];
        }
        return $results;
    }

    /**
     * One card.
     *
     * @param array $card
     * @param int $userid 0 = unknown
     * @param array $present cards that are there, kept up to date
     * @return array [outcome, message]
     */
    private static function one(array $card, int $userid, array &$present): array {
        global $DB;
        $row = $present[$card['cardid']] ?? null;
        if ($card['remove']) {
            $DB->delete_records('local_kyzmat_card', ['cardid' => $card['cardid']]);
            unset($present[$card['cardid']]);
            return [$row ? 'removed' : 'unchanged', ''];
        }
        $wrong = self::wrong($card);
        if ($wrong !== '') {
            return ['invalid', $wrong];
        }
        if ($userid === 0) {
            return ['missing', 'there is no such person'];
        }
        $outcome = self::write(self::row($card, $userid), $row);
        $present[$card['cardid']] = $DB->get_record('local_kyzmat_card', ['cardid' => $card['cardid']], '*', MUST_EXIST);
        return [$outcome, ''];
    }

    /**
     * What is wrong with a card; "" = nothing.
     *
     * @param array $card
     * @return string
     */
    private static function wrong(array $card): string {
        if ($card['cardid'] === '' || \core_text::strlen($card['cardid']) > 255 || \core_text::strlen($card['state']) > 255) {
            return 'cardid is empty, or cardid or state is longer than 255';
        }
        if (!in_array($card['kind'], self::KINDS, true)) {
            return "unknown kind {$card['kind']}";
        }
        $languages = array_column(array_merge($card['titles'], $card['bodies']), 'lang');
        if (!$card['titles'] || array_diff($languages, people::LANGUAGES)) {
            return 'a title is needed, and the languages are ' . implode(', ', people::LANGUAGES);
        }
        return $card['url'] === '' || preg_match('~^(https?://|/)~', $card['url']) ? '' : 'url is not a web address';
    }

    /**
     * The row of a card.
     *
     * @param array $card
     * @param int $userid
     * @return array
     */
    private static function row(array $card, int $userid): array {
        return [
            'cardid' => $card['cardid'],
            'userid' => $userid,
            'kind' => $card['kind'],
            'titles' => json_encode(array_column($card['titles'], 'text', 'lang'), JSON_UNESCAPED_UNICODE),
            'bodies' => json_encode((object) array_column($card['bodies'], 'text', 'lang'), JSON_UNESCAPED_UNICODE),
            'url' => $card['url'],
            'due' => $card['due'],
            'state' => $card['state'],
        ];
    }

    /**
     * Write a card when it is other.
     *
     * @param array $wanted
     * @param stdClass|null $row
     * @return string outcome
     */
    private static function write(array $wanted, ?stdClass $row): string {
        global $DB;
        $same = $row !== null;
        foreach ($wanted as $name => $value) {
            $same = $same && (string) $row->$name === (string) $value;
        }
        if ($same) {
            return 'unchanged';
        }
        $wanted['timemodified'] = time();
        if ($row === null) {
            $DB->insert_record('local_kyzmat_card', (object) $wanted);
            return 'created';
        }
        $DB->update_record('local_kyzmat_card', (object) ($wanted + ['id' => $row->id]));
        return 'updated';
    }

    /**
     * The cards of a person, those due first, in the person's language.
     *
     * @param int $userid
     * @param string $lang
     * @return array kind => cards with title, body, url, due, state
     */
    public static function of(int $userid, string $lang): array {
        global $DB;
        $rows = $DB->get_records('local_kyzmat_card', ['userid' => $userid], 'due, id');
        $found = [];
        foreach (self::KINDS as $kind) {
            foreach (array_filter($rows, fn($row) => $row->kind === $kind) as $row) {
                $found[$kind][] = [
                    'title' => self::in_language($row->titles, $lang),
                    'body' => self::in_language($row->bodies, $lang),
                    'url' => $row->url,
                    'due' => (int) $row->due,
                    'state' => (string) $row->state,
                ];
            }
        }
        return $found;
    }

    /**
     * A text in a language; otherwise in the first of the panel's languages that it has.
     *
     * @param string $texts JSON
     * @param string $lang
     * @return string
     */
    private static function in_language(string $texts, string $lang): string {
        $texts = json_decode($texts, true);
        foreach ([$lang, 'ru', ...people::LANGUAGES] as $one) {
            if (($texts[$one] ?? '') !== '') {
                return $texts[$one];
            }
        }
        return '';
    }
}
