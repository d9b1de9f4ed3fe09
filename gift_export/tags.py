"""PHP's `strip_tags()`, state by state: Moodle cleans question names with it.

States follow `php_strip_tags_ex()` of PHP 8: text, tag, `<?…?>`, `<!…>`, comment. One pass; stretches without a special
character are skipped by a search, so a 10 MB attribute costs no more than copying it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_SPACES: Final = frozenset(" \t\n\r\v\f")
_IN_TAG: Final = re.compile("[\0<>\"'!?]")
_IN_PHP: Final = re.compile("[()>\"'lL]")
_IN_DECLARATION: Final = re.compile("[>\"'\\-eE]")
_NAME: Final = re.compile(r"<\s*+/?\s*+([^\s/>]*+)")


def strip_tags(text: str, keep: str = "") -> str:
    """`text` without tags; the tag named `keep` (lower case, no brackets) stays, opening and closing."""
    if "<" not in text:
        return text.replace("\0", "")
    return _Stripper(text, keep).run()


class _Stripper:
    """The machine's registers, by the names PHP's source gives them."""

    __slots__ = ("at", "depth", "kept_start", "keep", "last", "out", "quote", "tag", "text", "xml")

    def __init__(self, text: str, keep: str) -> None:
        self.text = text
        self.keep = keep
        self.at = 0
        self.out: list[str] = []
        self.tag: list[str] = []
        self.depth = 0
        self.quote = ""
        self.last = ""
        self.xml = False

    def run(self) -> str:
        state: Callable[[], Callable[..., object] | None] | None = self._in_text
        while state is not None:
            state = state()  # type: ignore[assignment]  # a state returns the next state; mypy has no recursive alias here
        return "".join(self.out)

    def _in_text(self) -> Callable[..., object] | None:
        while (opening := self.text.find("<", self.at)) >= 0:
            self.out.append(self.text[self.at : opening].replace("\0", ""))
            self.at = opening + 1
            if self.text[self.at : self.at + 1] in _SPACES:
                self.out.append("<")
                continue
            self.last = "<"
            self.tag = ["<"]
            return self._in_tag
        self.out.append(self.text[self.at :].replace("\0", ""))
        return None

    def _in_tag(self) -> Callable[..., object] | None:
        while found := _IN_TAG.search(self.text, self.at):
            place, character = found.start(), found.group()
            self._keep_text(place)
            self.at = place + 1
            if character == ">":
                if self._closes_tag(place):
                    return self._in_text
            elif character == "<":
                if not self.quote and self.text[self.at : self.at + 1] not in _SPACES:
                    self.depth += 1
                elif not self.quote:
                    self.tag.append("<")
            elif character in "\"'":
                self._toggle_quote(character)
                self.tag.append(character)
            elif character in "!?" and self.text[place - 1] == "<":
                return self._in_declaration if self._begin_special(character) else self._in_php
            elif character != "\0":
                self.tag.append(character)
        return None

    def _keep_text(self, place: int) -> None:
        if self.keep:
            self.tag.append(self.text[self.at : place])

    def _begin_special(self, character: str) -> bool:
        self.last = character if character == "!" else self.last
        self._brackets = 0
        return character == "!"

    def _closes_tag(self, place: int) -> bool:
        if self.depth:
            self.depth -= 1
            return False
        if self.quote or (self.xml and self.text[place - 1] == "-"):
            return False
        self.last, self.xml = ">", False
        if self.keep:
            kept = "".join(self.tag) + ">"
            name = _NAME.match(kept)
            if name and name.group(1).lower() == self.keep:
                self.out.append(kept)
        return True

    def _toggle_quote(self, character: str) -> None:
        if not self.quote:
            self.quote = character
        elif self.quote == character:
            self.quote = ""
