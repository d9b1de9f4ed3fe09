"""Reading a question's fields out of its HTML, the only place where Moodle says how they are called.

Works on the HTML of a real Moodle as well as on the stand-in's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Final

_VOID: Final = frozenset({"input", "br", "img", "hr", "meta", "link"})
_CONTROLS: Final = frozenset({"radio", "checkbox", "text"})
# A robot reads tens of thousands of questions, well-formed by Moodle's own renderer: 3 x faster than html.parser.
_UNSEEN = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_PIECE = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>|([^<]+|<)""")
_ATTRIBUTE = re.compile(r"""([a-zA-Z][-\w:]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")


@dataclass(slots=True)
class Choice:
    """A radio button, check box or entry of a list. `label` is the visible text without its letter."""

    name: str
    value: str
    label: str = ""


@dataclass(slots=True)
class QuestionFields:
    """`hidden` must be sent back as it is (sequencecheck); `choices` are radio buttons or check boxes in shown order.

    `menus`: field -> (its sub-question, its choices); `texts`: fields to type into.
    """

    text: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    several: bool = False
    choices: list[Choice] = field(default_factory=list)
    menus: dict[str, tuple[str, list[Choice]]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


class _Reader:
    """Keeps the open elements, so that text can be given to everything around it that collects text."""

    def __init__(self) -> None:
        self.found = QuestionFields()
        self.words: dict[str, list[str]] = {}
        self.labelled: dict[int, str] = {}
        self._open: list[tuple[str, str]] = []
        self._menu = ""

    def read(self, html: str) -> None:
        for closing, tag, attributes, words in _PIECE.findall(_UNSEEN.sub("", html)):
            if words:
                self._words(unescape(words))
            elif closing:
                self._end(tag.lower())
            else:
                self._start(tag.lower(), _attributes(attributes))

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "input":
            self._input(given)
        elif tag == "select":
            self._menu = given["name"]
            self.found.menus[self._menu] = ("", [])
        elif tag == "option" and self._menu:
            self.found.menus[self._menu][1].append(Choice(self._menu, given.get("value", "")))
        elif tag == "textarea":
            self.found.texts.append(given["name"])
        if tag not in _VOID:
            self._open.append((tag, _bucket(tag, given)))

    def _input(self, given: dict[str, str]) -> None:
        kind, name = given.get("type", "text"), given.get("name", "")
        if kind == "hidden" and name:
            self.found.hidden[name] = given.get("value", "")
        elif kind in _CONTROLS and not name.endswith(":flagged"):
            self._control(kind, name, given)

    def _control(self, kind: str, name: str, given: dict[str, str]) -> None:
        if kind == "text":
            self.found.texts.append(name)
        elif given.get("value") != "-1":  # -1 is "clear my choice"
            self.labelled[len(self.found.choices)] = given.get("aria-labelledby") or given.get("id", "")
            self.found.choices.append(Choice(name, given.get("value", "")))
            self.found.several = kind == "checkbox"

    def _end(self, tag: str) -> None:
        if tag == "select":
            self._menu = ""
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def _words(self, data: str) -> None:
        buckets = [bucket for _, bucket in self._open if bucket]
        if "skip" in buckets:
            return
        for bucket in buckets:
            self.words.setdefault(bucket, []).append(data)
        if self._menu and any(tag == "option" for tag, _ in self._open):
            self.found.menus[self._menu][1][-1].label += data


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(first or second or third) for name, first, second, third in _ATTRIBUTE.findall(text)}


def _bucket(tag: str, given: dict[str, str]) -> str:
    """Under which name the text of an element is kept; "" = it is not."""
    classes = given.get("class", "").split()
    if "answernumber" in classes:
        return "skip"
    if "qtext" in classes:
        return "qtext"
    if tag == "label":
        return given.get("for", "")
    return given.get("id", "")


def read_fields(html: str) -> QuestionFields:
    """The fields of one question."""
    reader = _Reader()
    reader.read(html)
    found = reader.found
    found.text = _joined(reader.words.get("qtext", []))
    for place, identity in reader.labelled.items():
        found.choices[place].label = _joined(reader.words.get(identity, []))
    for name, (_, choices) in found.menus.items():
        stem = _joined(reader.words.get(f"{name}_itemtext", []))
        found.menus[name] = (stem, [choice for choice in choices if choice.value not in ("", "0")])
    found.hidden = {name: value for name, value in found.hidden.items() if name.endswith(("sequencecheck", "format"))}
    return found


def _joined(words: list[str]) -> str:
    return " ".join("".join(words).split())
