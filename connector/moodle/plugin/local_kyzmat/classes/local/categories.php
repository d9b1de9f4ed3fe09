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
 * Categories of a question bank.
 *
 * @package    local_kyzmat
 * @copyright  2026 Kyzmat contributors
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace local_kyzmat\local;

use context;
use stdClass;

/**
 * The tree of categories of one bank, by path. A path joins names with "/"; a slash within a name is written "//".
 */
final class categories {
    /** Category for questions that name none; Moodle 5 keeps no question in the root itself. */
    private const UNNAMED = 'local_kyzmat-unnamed';

    /** Longest name of a category. */
    private const NAME = 255;

    /** @var array id => row, the root and everything below it */
    private array $rows = [];

    /**
     * Constructor.
     *
     * @param bank $bank
     */
    public function __construct(private readonly bank $bank) {
        global $DB;
        $all = $DB->get_records('question_categories', ['contextid' => $bank->context->id], 'id', 'id, name, parent, idnumber');
        $children = [];
        foreach ($all as $row) {
            $children[$row->parent][] = $row;
        }
        $waiting = [$all[$bank->rootid]];
        while ($waiting) {
            $row = array_pop($waiting);
            $this->rows[(int) $row->id] = $row;
            array_push($waiting, ...($children[$row->id] ?? []));
        }
    }

    /**
     * Ids of all categories of the bank.
     *
     * @return array
     */
    public function ids(): array {
        return array_keys($this->rows);
    }

    /**
     * Ids of a category and those below it; none when the path is not there.
     *
     * @param string $path
     * @return array
     */
    public function ids_below(string $path): array {
        $id = $this->find($path);
        if ($id === 0) {
            return [];
        }
        $found = [$id];
        $below = [$id];
        while ($below) {
            $below = array_keys(array_filter($this->rows, fn($row) => in_array((int) $row->parent, $below, true)));
            $found = array_merge($found, $below);
        }
        return $found;
    }

    /**
     * The path of a category of the bank.
     *
     * @param int $id
     * @return string
     */
    public function path(int $id): string {
        $names = [];
        while ($id !== $this->bank->rootid) {
            $row = $this->rows[$id];
            if ($row->idnumber !== self::UNNAMED) {
                array_unshift($names, str_replace('/', '//', $row->name));
            }
            $id = (int) $row->parent;
        }
        return implode('/', $names);
    }

    /**
     * What is wrong with a path; "" = nothing.
     *
     * @param string $path
     * @return string
     */
    public static function wrong(string $path): string {
        foreach (self::names($path) as $name) {
            if ($name === '' || $name !== trim($name) || \core_text::strlen($name) > self::NAME) {
                return 'categorypath has a name that is empty, begins or ends with a space, or is longer than ' . self::NAME;
            }
        }
        return '';
    }

    /**
     * The category of a path, or 0.
     *
     * @param string $path
     * @return int
     */
    public function find(string $path): int {
        $id = $this->bank->rootid;
        foreach (self::names($path) as $name) {
            $id = $this->child($id, $name);
            if ($id === 0) {
                return 0;
            }
        }
        return $path === '' ? $this->unnamed(false) : $id;
    }

    /**
     * The category of a path; made if it is not there.
     *
     * @param string $path
     * @return int
     */
    public function make(string $path): int {
        if ($path === '') {
            return $this->unnamed(true);
        }
        $id = $this->bank->rootid;
        foreach (self::names($path) as $name) {
            $id = $this->child($id, $name) ?: $this->add_row($id, $name, null);
        }
        return $id;
    }

    /**
     * The names of a path.
     *
     * @param string $path
     * @return array
     */
    private static function names(string $path): array {
        if ($path === '') {
            return [];
        }
        return array_map(fn($name) => str_replace('//', '/', $name), preg_split('~(?<!/)/(?!/)~', $path));
    }

    /**
     * The category with this name directly below another, or 0.
     *
     * @param int $parent
     * @param string $name
     * @return int
     */
    private function child(int $parent, string $name): int {
        foreach ($this->rows as $id => $row) {
            if ((int) $row->parent === $parent && $row->name === $name && $row->idnumber !== self::UNNAMED) {
                return $id;
            }
        }
        return 0;
    }

    /**
     * The category of questions without one: before Moodle 5 the bank's own.
     *
     * @param bool $make
     * @return int 0 when it is not there
     */
    private function unnamed(bool $make): int {
        if ($this->bank->cmid === 0) {
            return $this->bank->rootid;
        }
        foreach ($this->rows as $id => $row) {
            if ($row->idnumber === self::UNNAMED) {
                return $id;
            }
        }
        return $make ? $this->add_row($this->bank->rootid, $this->bank->name, self::UNNAMED) : 0;
    }

    /**
     * Add a category to the bank.
     *
     * @param int $parent
     * @param string $name
     * @param string|null $idnumber
     * @return int
     */
    private function add_row(int $parent, string $name, ?string $idnumber): int {
        $row = self::add($this->bank->context, $parent, $name, $idnumber);
        $this->rows[(int) $row->id] = $row;
        return (int) $row->id;
    }

    /**
     * Insert a category.
     *
     * @param context $context
     * @param int $parent
     * @param string $name
     * @param string|null $idnumber
     * @return stdClass
     */
    public static function add(context $context, int $parent, string $name, ?string $idnumber): stdClass {
        global $DB;
        $row = (object) [
            'contextid' => $context->id,
            'name' => $name,
            'info' => '',
            'infoformat' => FORMAT_HTML,
            'parent' => $parent,
            'sortorder' => 999,
            'stamp' => make_unique_id_code(),
            'idnumber' => $idnumber,
        ];
        $row->id = $DB->insert_record('question_categories', $row);
        \core\event\question_category_created::create_from_question_category_instance($row, $context)->trigger();
        return $row;
    }
}
