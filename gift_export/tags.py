"""PHP's `strip_tags()`, state by state: Moodle cleans question names with it.

The states are those of `php_strip_tags_ex()` in PHP 8: text, tag, `<?…?>`, `<!…>`, comment. One pass; stretches without
a special character are skipped by a search, so a 10 MB attribute costs no more than copying it.
"""

from __future__ import annotations

import re
from typing import Final

_SPACES: Final = frozenset(" \t\n\r\v\f")
_IN_TAG: Final = re.compile("[\0<>\"'!?]")
_IN_PHP: Final = re.compile("[()>\"'lL]")
_IN_DECLARATION: Final = re.compile("[>\"'\\-eE]")
_WORD: Final = re.compile(r"<([ \t\n\r\v\f]*+)([^ \t\n\r\v\f>]*+)")


def strip_tags(text: str, keep: str = "") -> str:
    """`text` without tags; the tag named `keep` (lower case, no brackets) stays, opening and closing."""
    if "<" not in text:
        return text.replace("\0", "")
    out: list[str] = []
    at = 0
    tag = _Tag(text, keep)
    while (opening := text.find("<", at)) >= 0:
        tag.copy(text[at:opening], out)
        at = opening + 1
        if text[at : at + 1] in _SPACES:
            out.append("<")
            continue
        at = tag.skip(at)
        out.append(tag.kept)
        if at < 0:
            return "".join(out)
    tag.copy(text[at:], out)
    return "".join(out)


class _Tag:
    """The tag being skipped; the registers are those of PHP's source (`in_q`, `lc`, `is_xml`), and outlive a tag."""

    __slots__ = ("at", "buffer", "depth", "keep", "kept", "last", "quote", "text", "xml")

    def __init__(self, text: str, keep: str) -> None:
        self.text = text
        self.at = 0
        self.keep = keep
        self.kept = ""
        self.buffer: list[str] = []
        self.depth = 0
        self.quote = ""
        self.last = ""
        self.xml = False

    def copy(self, piece: str, out: list[str]) -> None:
        """Keeps `piece`, text between tags."""
        # A comment inside a tag ends with the tag's depth still counted: PHP then swallows as many ">" from the text.
        if self.depth:
            kept = piece.replace(">", "", self.depth)
            self.depth -= len(piece) - len(kept)
            piece = kept
        out.append(piece.replace("\0", ""))

    def skip(self, at: int) -> int:
        """Where the text goes on behind the tag that begins before `at`; -1 where it is never closed."""
        self.at, self.kept, self.buffer, self.quote, self.last = at, "", ["<"], "", "<"
        while found := _IN_TAG.search(self.text, self.at):
            place, character = found.start(), found.group()
            if self.keep:
                self.buffer.append(self.text[self.at : place])
            self.at = place + 1
            if character == ">":
                if self._closes(place):
                    return self.at
            elif character == "<":
                self._nested()
            elif character in "!?" and self.text[place - 1] == "<":
                if (end := self._special(character)) is not None:
                    return end
            elif character != "\0":
                self._regular(character)
        return -1

    def _regular(self, character: str) -> None:
        if character in "\"'":
            self._toggle(character)
        self.buffer.append(character)

    def _toggle(self, character: str) -> None:
        if not self.quote:
            self.quote = character
        elif self.quote == character:
            self.quote = ""

    def _nested(self) -> None:
        if self.quote:
            return
        if self.text[self.at : self.at + 1] in _SPACES:
            self.buffer.append("<")
        else:
            self.depth += 1

    def _closes(self, place: int) -> bool:
        if self.depth:
            self.depth -= 1
            return False
        if self.quote or (self.xml and self.text[place - 1] == "-"):
            return False
        if self.keep:
            tag = "".join(self.buffer) + ">"
            self.kept = tag if _tag_name(tag) == self.keep else ""
        self.xml = False
        return True

    def _special(self, character: str) -> int | None:
        """`<!` and `<?`: where the text goes on, or None to go on as an ordinary tag (`<?xml`, `<!DOCTYPE`)."""
        if character == "!":
            self.last = "!"
            return self._declaration()
        return self._instruction()

    def _declaration(self) -> int | None:
        text = self.text
        while found := _IN_DECLARATION.search(text, self.at):
            place, character = found.start(), found.group()
            self.at = place + 1
            if character == ">":
                if self.depth:
                    self.depth -= 1
                elif not self.quote:
                    return self.at
            elif character in "\"'":
                if text[place - 1] != "\\":
                    self._toggle(character)
            elif character == "-":
                if place >= 2 and text[place - 2 : place] == "!-":
                    return self._comment()
            elif place > 6 and text[place - 6 : place].lower() == "doctyp":
                return None
        return -1

    def _comment(self) -> int:
        # PHP looks for ">" behind "--" anywhere, so "<!-->" ends at once.
        if self.quote:
            return -1
        end = self.text.find("-->", self.at - 2)
        return end + 3 if end >= 0 else -1

    def _instruction(self) -> int | None:
        text, brackets = self.text, 0
        while found := _IN_PHP.search(text, self.at):
            place, character = found.start(), found.group()
            self.at = place + 1
            if character in "()":
                if self.last not in ('"', "'"):
                    self.last = character
                    brackets += 1 if character == "(" else -1
            elif character == ">":
                if self._closes_instruction(place, brackets):
                    return self.at
            elif character in "\"'":
                self._quote_in_instruction(place, character)
            elif place > 4 and text[place - 4 : place].lower() == "<?xm":
                self.xml = True
                return None
        return -1

    def _closes_instruction(self, place: int, brackets: int) -> bool:
        if self.depth:
            self.depth -= 1
            return False
        return not self.quote and not brackets and self.last != '"' and self.text[place - 1] == "?"

    def _quote_in_instruction(self, place: int, character: str) -> None:
        if self.text[place - 1] == "\\":
            return
        if self.last == character:
            self.last = ""
        elif self.last != "\\":
            self.last = character
        self._toggle(character)


def _tag_name(tag: str) -> str:
    """The name PHP compares with the tags to keep: slashes right behind `<` and right before `>` do not count."""
    word = _WORD.match(tag)
    if word is None:
        return ""
    name = word.group(2)
    if name.startswith("/") and not word.group(1):
        name = name[1:]
    if name.endswith("/") and tag[word.end() : word.end() + 1] == ">":
        name = name[:-1]
    return name.lower()
