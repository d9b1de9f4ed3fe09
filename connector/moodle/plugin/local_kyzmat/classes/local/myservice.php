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
        $chosen = $SESSION->local_kyzmat_lang ?? $SESSION->lang ?? '';
        if (in_array($chosen, people::LANGUAGES, true)) {
            return $chosen;
        }
        $kept = $DB->get_field('local_kyzmat_person', 'lang', ['userid' => $userid]);
        return $kept ?: current_language();
    }

    /**
     * Speak a language of the panel to this person until the end of the visit, whether or not the site has its pack.
     *
     * @param string $lang anything else is not heard
     */
    public static function speak(string $lang): void {
        global $SESSION;
        if (in_array($lang, people::LANGUAGES, true)) {
            $SESSION->local_kyzmat_lang = $lang;
        }
    }

    /**
     * A word of the plugin in a language, whether or not the site has the pack of that language.
     *
     * @param string $name
     * @param string $lang
     * @param string|array $a what stands for {$a} or {$a->name}
     * @return string
     */
    public static function word(string $name, string $lang, string|array $a = ''): string {
        $manager = get_string_manager();
        if ($manager->translation_exists($lang, false) || !in_array($lang, people::LANGUAGES, true)) {
            return $manager->get_string($name, 'local_kyzmat', is_array($a) ? (object) $a : $a, $lang);
        }
        $places = ['{$a}' => is_array($a) ? '' : $a];
        foreach (is_array($a) ? $a : [] as $member => $value) {
            $places['{$a->' . $member . '}'] = (string) $value;
        }
        return strtr(self::words($lang)[$name], $places);
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
     * @param array $courses of the person, with their progress
     * @param string $lang
     * @return array
     */
    public static function page(array $cards, array $courses, string $lang): array {
        $sections = [];
        foreach ($cards as $kind => $list) {
            $sections[] = [
                'kind' => $kind,
                'heading' => self::word('kind_' . $kind, $lang),
                'cards' => array_map(fn($card) => self::card($card, $lang), self::upcoming_first($list)),
                'note' => $kind === 'result' && empty($cards['appeal']) ? self::word('appealhow', $lang) : '',
            ];
        }
        $next = array_map(fn($card) => self::card($card, $lang), self::next($cards));
        return [
            'lang' => $lang,
            'languages' => self::languages($lang),
            'next' => $next,
            'hasnext' => (bool) $next,
            'sections' => $sections,
            'courses' => array_map(fn($course) => self::course($course, $lang), $courses),
            'hascourses' => (bool) $courses,
            'empty' => !$sections && !$courses,
        ] + self::labels($lang);
    }

    /**
     * Words of the page.
     *
     * @param string $lang
     * @return array
     */
    private static function labels(string $lang): array {
        $labels = [];
        foreach (['nothing', 'due', 'state', 'past', 'next', 'language', 'courses'] as $name) {
            $labels[$name . 'label'] = self::word($name, $lang);
        }
        return $labels;
    }

    /**
     * Links to the page in the panel's languages, each named in itself.
     *
     * @param string $lang the present one
     * @return array
     */
    private static function languages(string $lang): array {
        $names = ['ky' => 'Кыргызча', 'ru' => 'Русский', 'kk' => 'Қазақша', 'en' => 'English'];
        $links = [];
        foreach ($names as $code => $name) {
            $url = new moodle_url('/local/kyzmat/index.php', ['speak' => $code]);
            $links[] = ['code' => $code, 'name' => $name, 'url' => $url->out(false), 'chosen' => $code === $lang];
        }
        return $links;
    }

    /**
     * The three things that are due next, of any kind.
     *
     * @param array $cards kind => cards
     * @return array
     */
    private static function next(array $cards): array {
        $coming = array_filter(array_merge([], ...array_values($cards)), fn($card) => $card['due'] >= time());
        usort($coming, fn($one, $other) => $one['due'] <=> $other['due']);
        return array_slice($coming, 0, 3);
    }

    /**
     * What is still to come before what is past; the sooner, the higher.
     *
     * @param array $cards
     * @return array
     */
    private static function upcoming_first(array $cards): array {
        $past = fn($card) => $card['due'] > 0 && $card['due'] < time();
        usort($cards, fn($one, $other) => [$past($one), $one['due']] <=> [$past($other), $other['due']]);
        return $cards;
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
            'due' => $card['due'] > 0 ? self::moment($card['due'], 'd.m.Y H:i') : '',
            'datetime' => $card['due'] > 0 ? gmdate('c', $card['due']) : '',
            'ispast' => $card['due'] > 0 && $card['due'] < time(),
            'state' => $card['state'],
        ];
    }

    /**
     * One course as the template shows it.
     *
     * @param array $course
     * @param string $lang
     * @return array
     */
    private static function course(array $course, string $lang): array {
        $done = $course['completed'] > 0
            ? self::word('completedon', $lang, self::moment($course['completed'], 'd.m.Y'))
            : self::word('progress', $lang, ['done' => $course['done'], 'all' => $course['all']]);
        return ['progress' => $done] + $course;
    }

    /**
     * A moment as it is written in all four languages.
     *
     * @param int $time
     * @param string $format
     * @return string
     */
    private static function moment(int $time, string $format): string {
        $moment = (new \DateTimeImmutable('@' . $time))->setTimezone(\core_date::get_user_timezone_object());
        return $moment->format($format);
    }
}
