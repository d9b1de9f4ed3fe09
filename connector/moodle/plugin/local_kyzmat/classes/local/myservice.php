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
 * The page "My service".
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use moodle_url;

/**
 * What the page shows, in the language the panel speaks to the person.
 */
final class myservice {
    /**
     * The person's language: what the panel said, unless the person has chosen one of its languages for this visit.
     *
     * @param int $userid
     * @return string
     */
    public static function language(int $userid): string {
        global $DB, $SESSION;
        $chosen = $SESSION->lang ?? '';
        if (in_array($chosen, people::LANGUAGES, true)) {
            return $chosen;
        }
        $kept = $DB->get_field('local_kyzmat_person', 'lang', ['userid' => $userid]);
        return $kept ?: current_language();
    }

    /**
     * A word of the plugin in a language, whether or not the site has the pack of that language.
     *
     * @param string $name
     * @param string $lang
     * @return string
     */
    public static function word(string $name, string $lang): string {
        $manager = get_string_manager();
        if ($manager->translation_exists($lang, false) || !in_array($lang, people::LANGUAGES, true)) {
            return $manager->get_string($name, 'local_kyzmat', null, $lang);
        }
        return self::words($lang)[$name];
    }

    /**
     * All words of the plugin in one of its languages. Moodle itself looks only at languages whose pack is installed.
     *
     * @param string $lang
     * @return array
     */
    private static function words(string $lang): array {
        static $words = [];
        if (!isset($words[$lang])) {
            $string = [];
            include(dirname(__DIR__, 2) . "/lang/$lang/local_kyzmat.php");
            $words[$lang] = $string;
        }
        return $words[$lang];
    }

    /**
     * What the template shows.
     *
     * @param array $cards kind => cards
     * @param string $lang
     * @return array
     */
    public static function page(array $cards, string $lang): array {
        $sections = [];
        foreach ($cards as $kind => $list) {
            $sections[] = [
                'kind' => $kind,
                'heading' => self::word('kind_' . $kind, $lang),
                'cards' => array_map(fn($card) => self::card($card, $lang), $list),
            ];
        }
        return [
            'lang' => $lang,
            'sections' => $sections,
            'empty' => !$sections,
            'nothing' => self::word('nothing', $lang),
            'duelabel' => self::word('due', $lang),
            'statelabel' => self::word('state', $lang),
        ];
    }

    /**
     * One card as the template shows it.
     *
     * @param array $card
     * @param string $lang
     * @return array
     */
    private static function card(array $card, string $lang): array {
        $url = $card['url'] === '' ? null : new moodle_url($card['url']);
        return [
            'title' => $card['title'],
            'body' => format_text($card['body'], FORMAT_PLAIN),
            'hasbody' => $card['body'] !== '',
            'url' => $url ? $url->out(false) : '',
            'open' => self::word('open', $lang),
            'due' => $card['due'] > 0 ? self::moment($card['due']) : '',
            'datetime' => $card['due'] > 0 ? gmdate('c', $card['due']) : '',
            'state' => $card['state'],
        ];
    }

    /**
     * A moment as it is written in all four languages.
     *
     * @param int $time
     * @return string
     */
    private static function moment(int $time): string {
        $moment = (new \DateTimeImmutable('@' . $time))->setTimezone(\core_date::get_user_timezone_object());
        return $moment->format('d.m.Y H:i');
    }
}
