"""Question names as Moodle makes them: cleaned (`PARAM_TEXT`), shortened on a word, or made of the text.

Follows `clean_question_name()`, `create_default_question_name()` (question/format.php) and `shorten_text()`
(lib/weblib.php). Moodle's own shortening takes quadratic time on a text full of `<`; here every step is linear.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Final

from gift_export.grammar import BLANKS
from gift_export.tags import strip_tags
from question_banks.model import split_category_path

DEFAULT_NAME: Final = "Question name"
"""What Moodle (in English) calls a question whose text gives no name."""

NAME_LIMIT: Final = 255
_ELLIPSIS: Final = "..."
_ENTITY: Final = re.compile(r"&[0-9a-z]{2,8};|&#[0-9]{1,7};|&#x[0-9a-f]{1,6};", re.IGNORECASE | re.ASCII)
# White space as PCRE's `\s` has it under PHP's modifier `u`; not that of Python, which adds U+001C to U+001F.
_SPACES: Final = "[\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_MULTILANG: Final = {
    "lang": re.compile(rf'<lang lang="[a-zA-Z0-9_-]+"{_SPACES}*+>'),
    "span": re.compile(rf'<span(?:{_SPACES}++lang="[a-zA-Z0-9_-]+"|{_SPACES}++class="multilang"){{2}}{_SPACES}*+>'),
}
_EMPTY_ELEMENT: Final = re.compile(
    r"<\s*+(?:img|br|input|hr|area|base|basefont|col|frame|isindex|link|meta|param)(?:\s.+)?>",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_CLOSING: Final = re.compile(r"<\s*+/([^\s]+?)\s*>", re.ASCII)
_OPENING: Final = re.compile(r"<\s*+([^\s>!]++)", re.ASCII)
_CONDITION: Final = re.compile(r"<!--\[if\s.*\]>", re.DOTALL | re.ASCII)
_CONDITION_END: Final = "<!--<![endif]-->"
_SPACE: Final = " \t\n\r\v\f"


def clean_name(raw: str) -> str:
    """A name as Moodle stores it: tags stripped (multilang survives), trimmed, shortened above 255 characters."""
    name = clean_text(raw).strip(BLANKS)
    limit = 251
    while len(name) > NAME_LIMIT and limit > 0:
        name = shorten_text(name, limit)
        limit -= 10
    return name


def default_name(text: str) -> str:
    """The name of a question that has none: the first 80 characters of its text, by words."""
    name = clean_name(shorten_text(text, 80))
    return DEFAULT_NAME if name in ("", "0") else name


def category_names(path: str) -> tuple[str, ...]:
    """The category names of a path, cleaned as Moodle cleans them before it creates the categories."""
    return tuple(clean_text(name) for name in split_category_path(path))


def clean_text(raw: str) -> str:
    """Moodle's `clean_param($raw, PARAM_TEXT)`: no tags, except a correct multilang syntax."""
    text = raw.replace("\0", "").replace("\ufffe", "").replace("\uffff", "")  # fix_utf8()
    for tag in ("lang", "span"):
        if f"</{tag}>" in text:
            text = strip_tags(text, tag)
            if _is_multilang(text, tag):
                return text
            break
    return strip_tags(text)


def _is_multilang(text: str, tag: str) -> bool:
    opened = False
    found_any = False
    for piece in _tags(text):
        found_any = True
        if piece == f"</{tag}>":
            if not opened:
                return False
            opened = False
        elif _MULTILANG[tag].fullmatch(piece):
            opened = True
        else:
            return False
    return found_any and not opened


def _tags(text: str) -> Iterator[str]:
    """Every `<` up to the next `>`, newlines included."""
    at = 0
    while (start := text.find("<", at)) >= 0:
        end = text.find(">", start)
        if end < 0:
            return
        yield text[start : end + 1]
        at = end + 1


def shorten_text(text: str, ideal: int) -> str:
    """`text` cut at a word to about `ideal` characters plus "...", tags not counted and closed again."""
    if len(text) <= ideal or not _is_longer(text, ideal):
        return text
    shortening = _Shortening(ideal)
    for tag, plain in _pieces(text):
        if shortening.take(tag, plain):
            break
    return shortening.result()


def _is_longer(text: str, ideal: int) -> bool:
    """Whether more than `ideal` characters stand outside `<…>` (a tag ends on its line here)."""
    length = at = 0
    close = line_end = -1
    size = len(text)
    while True:
        start = text.find("<", at)
        length += (start if start >= 0 else size) - at
        if start < 0 or length > ideal:
            return length > ideal
        if close < start:
            close = text.find(">", start)
            close = size if close < 0 else close
        if line_end < start:
            line_end = text.find("\n", start)
            line_end = size if line_end < 0 else line_end
        if close < line_end:
            at = close + 1
        else:
            # No tag can close before the line ends: what stands up to there is text.
            length += line_end - start
            at = line_end
        if length > ideal:
            return True


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Tag (or "") and the text behind it; a `<` that is never closed and a stray `>` vanish, as in Moodle."""
    at, size = 0, len(text)
    last_close = text.rfind(">")
    while at < size:
        tag = ""
        if text[at] == "<":
            # The pattern is `<.+?>`: at least one character inside, which may itself be ">".
            if at + 2 > last_close:
                at += 1
                continue
            end = text.find(">", at + 2) + 1
            tag, at = text[at:end], end
        elif text[at] == ">":
            at += 1
            continue
        end = _plain_end(text, at)
        yield tag, text[at:end]
        at = end


_ANGLE: Final = re.compile("[<>]")


def _plain_end(text: str, at: int) -> int:
    found = _ANGLE.search(text, at)
    return found.start() if found else len(text)


class _Shortening:
    """What `shorten_text()` has collected: text so far, its counted length, the tags met."""

    __slots__ = ("ideal", "length", "opened", "order", "out")

    def __init__(self, ideal: int) -> None:
        self.ideal = ideal
        self.length = len(_ELLIPSIS)
        self.out: list[str] = []
        self.order = 0
        self.opened: defaultdict[str, deque[int]] = defaultdict(deque)

    def take(self, tag: str, plain: str) -> bool:
        """Adds a tag and the text behind it; True when the ideal length is reached."""
        if tag:
            self._note(tag)
            self.out.append(tag)
        length = len(_ENTITY.sub(" ", plain)) if "&" in plain else len(plain)
        if self.length + length > self.ideal:
            self.out.append(plain[: _break(plain, self.ideal - self.length)])
            return True
        self.out.append(plain)
        self.length += length
        return self.length >= self.ideal

    def _note(self, tag: str) -> None:
        if _is_empty_element(tag):
            return
        if closing := _CLOSING.fullmatch(tag):
            if (places := self.opened.get(closing.group(1).lower())) is not None and places:
                places.popleft()  # Moodle searches its list from the oldest
        elif opening := _OPENING.match(tag):
            self._open(opening.group(1).lower())
        elif _CONDITION.fullmatch(tag):
            self._open("if")
        elif tag == _CONDITION_END and (places := self.opened.get("if")):
            places.popleft()

    def _open(self, name: str) -> None:
        self.order += 1
        self.opened[name].append(self.order)

    def result(self) -> str:
        """The text with "..." and the tags that were left open, the newest closed first."""
        left = sorted(((place, name) for name, places in self.opened.items() for place in places), reverse=True)
        closing = (_CONDITION_END if name == "if" else f"</{name}>" for _, name in left)
        return "".join((*self.out, _ELLIPSIS, *closing))


def _is_empty_element(tag: str) -> bool:
    inner = tag[1:-1].rstrip(_SPACE)
    return (inner.endswith("/") and len(inner) > 1) or _EMPTY_ELEMENT.fullmatch(tag) is not None


def _break(plain: str, left: int) -> int:
    """Where to cut `plain` so that about `left` characters stay: behind the last blank, dot or three-byte character."""
    entities = 0
    for entity in _ENTITY.finditer(plain):
        # Moodle compares a byte offset with a count of characters; followed here on purpose.
        if len(plain[: entity.start()].encode("utf-8", "surrogatepass")) + 1 - entities > left:
            break
        left -= 1
        entities += len(entity.group())
    limit = at = left + entities
    while at > 0:
        character = plain[at : at + 1]
        if (character in (" ", ".") and character) or character >= "\u0800":
            at += 1
            break
        at -= 1
    return limit if at <= 0 or at > limit else at
