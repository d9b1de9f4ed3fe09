"""One question of a review, read out of its HTML: core tells text, answer and right answer nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

_VOID: Final = frozenset({"input", "br", "img", "hr", "meta", "link", "wbr", "col", "source"})
_UNSEEN: Final = frozenset({"script", "style", "history", "comment", "answernumber", "questionflag", "icon"})
"""Elements by tag or class whose words nobody was asked to answer."""
_VERSION = re.compile(r"\bv(\d+)\b")
_PREFIX = re.compile(r"^[^:]*: ?")
_QUOTED = re.compile(r"['\"«“„‘]([^'\"»”’]+)['\"»”’]\.?$")


@dataclass(frozen=True, slots=True)
class Shown:
    """`response` "" = no answer. `version` 0 = not shown (Moodle shows it to those who may edit the question).

    `several`: the answer has parts, and the right answer stands here in the words of Moodle's page, not of its tables.
    """

    text: str
    response: str
    rightanswer: str
    several: bool
    version: int


def read_shown(html: str) -> Shown:
    """What a reviewer sees of a question. Several parts of an answer are joined with "; ", as Moodle does."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    version = _VERSION.search(reader.joined("badge"))
    return Shown(
        text=reader.joined("qtext"),
        response=reader.response(),
        rightanswer=_right(reader.joined("rightanswer")),
        several=reader.several,
        version=int(version[1]) if version else 0,
    )


def _right(words: str) -> str:
    """«The correct answer is: a» or «The correct answer is 'True'.», in whatever language the account has."""
    quoted = _QUOTED.search(words)
    if quoted and ": " not in words:
        return quoted[1]
    return _PREFIX.sub("", words, count=1)


def visible_text(html: str) -> str:
    """The words of a question's text as a page shows them, spaces joined."""
    return read_shown(f'<div class="qtext">{html}</div>').text


class _Reader(HTMLParser):
    """Keeps the open elements, so that words can be given to everything around them that collects words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, frozenset[str]]] = []
        self._words: dict[str, list[str]] = {}
        self._chosen: list[str] = []
        self._parts: list[Callable[[], str]] = []
        self.several = False
        self._items = 0
        self._rows = 0

    def joined(self, bucket: str) -> str:
        return " ".join("".join(self._words.get(bucket, [])).split())

    def response(self) -> str:
        return "; ".join(part for read in self._parts if (part := read()))

    # ------------------------------------------------------------------------------------------------------ the pieces

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        buckets = self._buckets(tag, given)
        if tag == "input" and not self._unseen():
            self._input(given)
        elif tag == "option" and "selected" in given and given.get("value", "") not in ("", "0"):
            buckets |= {self._choice_in_row()}
        elif tag == "br":
            self.handle_data(" ")
        if tag not in _VOID:
            self._open.append((tag, buckets))

    def _buckets(self, tag: str, given: dict[str, str]) -> frozenset[str]:
        names = {tag, *given.get("class", "").split()}
        self.several |= tag == "select" or "sortableitem" in names
        found = names & (_UNSEEN | {"qtext", "rightanswer", "badge"})
        if tag in ("label", "div", "td", "th") and (named := given.get("for") or given.get("id")):
            found |= {f"#{named}"}
        if names & {"sortableitem", "qtype_essay_response"} or (tag == "textarea" and "readonly" in given):
            found |= {self._item()}
        if tag == "tr":
            self._rows += 1
        if tag in ("td", "th") and "text" in names:
            found |= {f"row {self._rows}"}
        return frozenset(found)

    def _item(self) -> str:
        self._items += 1
        name = f"item {self._items}"
        self._parts.append(lambda: self.joined(name))
        return name

    def _choice_in_row(self) -> str:
        """A chosen entry of a list; of a matching question, with its stem before it."""
        self._items += 1
        name, stem = f"item {self._items}", f"row {self._rows}"
        self._parts.append(lambda: " -> ".join(filter(None, (self.joined(stem), self.joined(name)))))
        return name

    def _input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        self.several |= kind == "checkbox"
        if kind == "text":
            value = given.get("value", "").strip()
            self._parts.append(lambda: value)
        elif kind in ("radio", "checkbox") and "checked" in given and given.get("value") != "-1":
            label = given.get("aria-labelledby") or given.get("id", "")
            self._parts.append(lambda: self.joined(f"#{label}"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        if self._unseen():
            return
        for _, buckets in self._open:
            for bucket in buckets:
                self._words.setdefault(bucket, []).append(data)

    def _unseen(self) -> bool:
        return any(buckets & _UNSEEN for _, buckets in self._open)
