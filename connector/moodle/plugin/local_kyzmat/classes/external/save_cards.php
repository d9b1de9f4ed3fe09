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
 * local_kyzmat_save_cards.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\external;

use context_system;
use core_external\external_api;
use core_external\external_function_parameters;
use core_external\external_multiple_structure;
use core_external\external_single_structure;
use local_kyzmat\local\cards;
use local_kyzmat\local\limits;
use local_kyzmat\local\operation;

/**
 * What "My service" shows to a person.
 */
final class save_cards extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'opkey' => shapes::opkey(),
            'cards' => shapes::items(new external_single_structure([
                'cardid' => shapes::text('Card'),
                'useridnumber' => shapes::text('Person'),
                'kind' => shapes::text('test, training, result, paper, appeal or notice'),
                'titles' => self::texts('Title in each language'),
                'bodies' => self::texts('Text in each language'),
                'url' => shapes::text('Where it leads; may be empty'),
                'due' => shapes::number('Epoch seconds; 0 = none'),
                'state' => shapes::text('A word of the panel, shown as it is'),
                'remove' => shapes::flag('Take the card away'),
            ]), 'Cards'),
        ]);
    }

    /**
     * What "My service" shows to a person.
     *
     * @param string $opkey
     * @param array $cards
     * @return array
     */
    public static function execute(string $opkey, array $cards = []): array {
        $given = self::validate_parameters(self::execute_parameters(), compact('opkey', 'cards'));
        limits::no_more_than(limits::CARDS, $given['cards']);
        $context = context_system::instance();
        self::validate_context($context);
        require_capability('local/kyzmat:manage', $context);
        return operation::run('save_cards', $given, 'cards', fn() => ['results' => cards::save($given['cards'])]);
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return shapes::results(['cardid' => shapes::text('Card')]);
    }

    /**
     * A text in several languages.
     *
     * @param string $what
     * @return external_multiple_structure
     */
    private static function texts(string $what): external_multiple_structure {
        return shapes::items(new external_single_structure([
            'lang' => shapes::text('ky, ru, kk or en'),
            'text' => shapes::text('Text'),
        ]), $what);
    }
}
