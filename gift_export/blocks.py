"""From a file to blocks: runs of lines between blank ones, as Moodle's `readdata()` and `readquestions()` part them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from gift_export.grammar import BLANKS, Mask
from gift_export.problems import Problem, excerpt, problem

# No group is repeated possessively, here or in `quick`: before Python 3.11.5 (Debian 12 has 3.11.2) a try that fails in
# the middle of such a group keeps what it had consumed (CPython gh-106052): the nought of a question "0 …" was lost.
_EDGES: Final = " \t\r\0\v"
_LEADING: Final = re.compile(rf"[{_EDGES}\n]*\n")
_SEPARATOR: Final = re.compile(rf"(\n[{_EDGES}\n]*\n)")
_BLANK_END: Final = re.compile(rf"[{_EDGES}]*\Z")
_BLANK_OR_ZERO: Final = re.compile(rf"[{_EDGES}]*(?:0[{_EDGES}]*)?")
_ZERO_LINE: Final = re.compile(rf"\n[{_EDGES}]*0[{_EDGES}]*(?:\n|\Z)")

CAP: Final = 100
"""How often the same code is reported for one question; the rest is counted in one more finding."""


class Slices(NamedTuple):
    """A file parted at its blank lines.

    `raws` are the blocks' texts, `blanks` what stands behind each of them; `start` and `line` are where the first block
    begins, as an offset and as a line.
    """

    raws: list[str]
    blanks: list[str]
    start: int
    line: int
    problems: list[Problem]


def unify_line_ends(text: str) -> str:
    """`text` with LF as the only line end, columns unchanged. A lone CR in an LF file is a character, and stays.

    Moodle parts a file at LF; only a file whose first line has CR and no LF at all is parted at CR.
    """
    if "\r" not in text:
        return text
    if "\n" not in text:
        return text.replace("\r", "\n")
    return text.replace("\r\n", "\n") if text.count("\r") == text.count("\r\n") else text


def slices(text: str, first_line: int = 1) -> Slices:
    """The blocks of a text with unified line ends, and the lines of a single zero, which part blocks too.

    `first_line` is the number of the text's first line in its file.
    """
    zeros = bool(_ZERO_LINE.search(text)) or _BLANK_OR_ZERO.fullmatch(text, 0, _line_end(text, 0)) is not None
    start = _after_blank_lines(text, 0) if zeros else _plain_start(text)
    line = first_line + text.count("\n", 0, start)
    problems = list(_zero_lines(text[:start], first_line))
    rest = text[start:] if start else text
    parted = _parted_at_zeros(rest) if zeros else _parted(rest)
    raws, blanks = parted[::2], parted[1::2]
    blanks.append("")
    if not raws[-1]:
        raws.pop()
    if any("0" in blank for blank in set(blanks)):
        at = line
        for raw, blank in zip(raws, blanks, strict=False):
            at += raw.count("\n")
            problems.extend(_zero_lines(blank, at))
            at += blank.count("\n")
    return Slices(raws, blanks, start, line, problems)


def _plain_start(text: str) -> int:
    """Where the first line that is not blank begins; the end of a text that has none."""
    leading = _LEADING.match(text)
    start = leading.end() if leading else 0
    return len(text) if _BLANK_END.match(text, start) else start


def _parted(text: str) -> list[str]:
    """Blocks and the blank lines behind them by turns; the last block is empty where blank lines end the text."""
    parted = _SEPARATOR.split(text)
    last = parted[-1]
    kept = last.rstrip(_EDGES)
    if kept.endswith("\n"):
        parted[-1:] = [kept[:-1], last[len(kept) - 1 :], ""]
    return parted


def _parted_at_zeros(text: str) -> list[str]:
    """The same where a line of a single zero parts blocks too: line by line."""
    parted = [""]
    begin = at = 0
    while at < len(text):
        end = _line_end(text, at)
        beyond = _after_blank_lines(text, end + 1) if end < len(text) else end
        if end < len(text) and (beyond > end + 1 or end + 1 == len(text)):
            parted[-1:] = [text[begin:end], text[end:beyond], ""]
            begin = beyond
        at = max(beyond, end + 1)
    parted[-1] = text[begin:]
    return parted


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)


def _after_blank_lines(text: str, at: int) -> int:
    """Where the blank lines, and lines of a single zero, that begin here end."""
    while at < len(text):
        end = _line_end(text, at)
        if _BLANK_OR_ZERO.fullmatch(text, at, end) is None:
            return at
        at = min(end + 1, len(text))
    return at


def _zero_lines(blank: str, line: int) -> Iterator[Problem]:
    if "0" in blank:
        for at, content in enumerate(blank.split("\n")):
            if "0" in content:
                yield problem("W_ZERO_LINE_SPLITS", line + at, 1)


class Block:
    """One block with its comments taken out and its escapes masked; collects findings by index into `masked`.

    `masked` is what is left of the lines, trimmed and joined; `text` is `masked` without surrounding blanks and begins
    at index `start`.
    """

    __slots__ = ("_counts", "_leads", "_notes", "comments", "first", "last", "mask", "masked", "muted", "start", "text")

    def __init__(self, raw: str, first_line: int, mask: Mask) -> None:
        lines = raw.split("\n")
        self.first = first_line
        self.last = first_line + len(lines) - 1
        self.mask = mask
        self.comments: list[tuple[int, int, str]] = []
        self.muted = False
        self._notes: list[tuple[int, str, dict[str, object]]] = []
        self._counts: Counter[str] = Counter()
        kept = [line.strip(BLANKS) for line in lines]
        self._leads = [len(line) - len(line.lstrip(BLANKS)) for line in lines]
        for at, line in enumerate(kept):
            if line.startswith("//"):
                self.comments.append((first_line + at, self._leads[at] + 1, line))
                kept[at] = " "
        self.masked = mask.encode("\n".join(kept))
        self.text = self.masked.strip(BLANKS)
        self.start = len(self.masked) - len(self.masked.lstrip(BLANKS))

    def note(self, code: str, index: int, /, **params: object) -> None:
        """Keeps a finding at `index` of `masked`."""
        count = self._counts[code] = self._counts[code] + 1
        if count <= CAP and not self.muted:
            self._notes.append((index, code, params))

    def noted(self, code: str) -> bool:
        """Whether this block has such a finding already."""
        return code in self._counts

    def drop_notes(self, *codes: str) -> None:
        """Takes findings back: a better explanation was found."""
        self._notes = [note for note in self._notes if note[1] not in codes]

    def problems(self) -> Iterator[Problem]:
        """The findings with their places in the file; one sweep over the block, however many there are."""
        self._notes.sort(key=lambda note: note[0])
        at = 0
        line, column = self.first, 1 + (self._leads[0] if self._leads else 0)
        for index, code, params in self._notes:
            passed = self.masked[at:index]
            newlines = passed.count("\n")
            if newlines:
                line += newlines
                column = 1 + self._leads[line - self.first]
                passed = passed[passed.rfind("\n") + 1 :]
            column += self.mask.width(passed)
            at = max(at, index)
            yield problem(code, line, column, **{name: _shown(value) for name, value in params.items()})
        for code, count in self._counts.items():
            if count > CAP and not self.muted:
                yield problem("I_MORE_OF_THE_SAME", self.first, 1, code=code, n=count - CAP)


def _shown(value: object) -> object:
    return excerpt(value) if isinstance(value, str) else value
