"""Rules about HTML inside questions: nothing that runs, loads or sends, and pictures that can be seen.

Moodle cleans what students type, but trusts what a teacher's import brings; a question bank is such an import.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final, NamedTuple

from question_banks.findings import Entry, Finding, Sheet
from question_banks.images import UnreadablePicture, from_data_address

_TEXT: Final = (
    "a abbr b bdi bdo blockquote br cite code del dfn div em h1 h2 h3 h4 h5 h6 hr i ins kbd mark p pre q ruby s",
    "rb rp rt samp small span strong sub sup tt u var wbr",
    "dd dl dt li ol ul caption col colgroup table tbody td tfoot th thead tr figcaption figure img",
    "math mfrac mi mn mo mrow msqrt msub msup mtext",
)
SAFE_TAGS: Final = frozenset(tag for line in _TEXT for tag in line.split())
ADDRESSES: Final = frozenset(
    {"href", "src", "action", "formaction", "background", "cite", "longdesc", "poster", "data"}
)
SAFE_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
EMBEDDED: Final = "@@pluginfile@@"
FREE: Final = frozenset({"plain"})
"""Formats whose text Moodle shows letter by letter, so that a tag in it is only letters."""


class Mark(NamedTuple):
    """What was found: the tag, and the attribute with its value where one is meant."""

    tag: str
    attribute: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"<{self.tag} {self.attribute}>" if self.attribute else f"<{self.tag}>"


class _Looking(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.unsafe: list[Mark] = []
        self.images: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in SAFE_TAGS:
            self.unsafe.append(Mark(tag))
            return
        given = {name: value or "" for name, value in attrs}
        self.unsafe += [Mark(tag, name, value) for name, value in given.items() if _is_unsafe(tag, name, value)]
        if tag == "img":
            self.images.append(given)

    def handle_decl(self, decl: str) -> None:
        self.unsafe.append(Mark(f"!{decl.split()[0] if decl.split() else ''}"))

    def unknown_decl(self, data: str) -> None:
        self.unsafe.append(Mark(f"![{data[:20]}"))

    def handle_pi(self, data: str) -> None:
        self.unsafe.append(Mark(f"?{data[:20]}"))


def _is_unsafe(tag: str, name: str, value: str) -> bool:
    if name.startswith("on") or name in ("srcdoc", "srcset", "xlink:href"):
        return True
    plain = "".join(sign for sign in value if sign.isprintable() and not sign.isspace()).lower()
    if name == "style":
        return "url(" in plain or "expression(" in plain or "@import" in plain or "position:fixed" in plain
    if name not in ADDRESSES:
        return False
    scheme, colon, _ = plain.partition(":")
    if not colon or not scheme.replace("+", "").replace("-", "").replace(".", "").isalnum():
        return False
    return scheme not in SAFE_SCHEMES and not (tag == "img" and plain.startswith("data:image/"))


def html_is_safe(whole: Sheet) -> Iterator[Finding]:
    """No script, frame, form, handler, or address that runs something: everybody who sits the test would get it."""
    for entry in whole.entries:
        for text in _shown(entry):
            for mark in _look(text).unsafe:
                yield entry.finding("error", "BANK_HTML_UNSAFE", f"<{mark.tag}", what=str(mark))


def pictures_can_be_seen(whole: Sheet) -> Iterator[Finding]:
    """A picture is inside the question, whole, and described for who cannot see it."""
    for entry in whole.entries:
        for text in _shown(entry):
            for image in _look(text).images:
                yield from _check_picture(entry, image)


def _check_picture(entry: Entry, image: dict[str, str]) -> Iterator[Finding]:
    source = "".join(image.get("src", "").split())
    if source.lower().startswith("data:"):
        try:
            from_data_address(source)
        except UnreadablePicture as unreadable:
            yield entry.finding("error", "BANK_IMAGE_UNREADABLE", "<img", reason=unreadable.reason)
    elif not source or source.lower().startswith(EMBEDDED):
        yield entry.finding("error", "BANK_IMAGE_MISSING", "<img", file=source.rpartition("/")[2])
    else:
        yield entry.finding("error", "BANK_IMAGE_OUTSIDE", "<img", address=source[:80])
    if not image.get("alt", "").strip():
        yield entry.finding("warning", "BANK_IMAGE_ALT", "<img")


def _look(text: str) -> _Looking:
    looking = _Looking()
    try:
        looking.feed(text)
        looking.close()
    except AssertionError:
        # html.parser gives up in this way on a marked section it does not know; a browser would not.
        looking.unsafe.append(Mark("!["))
    return looking


def _shown(entry: Entry) -> Iterator[str]:
    """Every text of the question that a browser will read as HTML."""
    question = entry.question
    texts = [(question.text, question.format), question.generalfeedback]
    for answer in entry.answers:
        texts += [(answer.text, answer.format), answer.feedback]
    return (text for text, format_ in texts if "<" in text and format_ not in FREE)
