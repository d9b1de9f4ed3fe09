"""A block taken apart as `readquestion()` does it: title, text, answer section, general feedback."""

from __future__ import annotations

from typing import Final, NamedTuple

from gift_export.blocks import Block
from gift_export.grammar import BLANKS, decode_placeholders, split_format
from gift_export.names import NAME_LIMIT, clean_name, default_name
from question_banks.model import FormattedText, TextFormat

_BLANK_WORD: Final = "_____"
_HALF: Final = "\ufffd"


class Parts(NamedTuple):
    """What every type is built from. `answer` is masked, trimmed; `answer_at`, `open_at` index the block's `masked`."""

    name: str
    title: str | None
    title_at: int
    text: str
    format: TextFormat
    generalfeedback: FormattedText
    answer: str
    answer_at: int
    open_at: int
    description: bool


class Section(NamedTuple):
    """The answer section and the question text around it, all masked."""

    question: str
    answer: str
    answer_at: int
    open_at: int
    description: bool


def take_apart(block: Block) -> Parts | None:
    """The parts of a block, None where Moodle says "braceerror"."""
    title, text, at = _title(block)
    section = _section(block, text, at)
    if section is None:
        return None
    answer, feedback = _general_feedback(block, section)
    text_format, taken = split_format(section.question, block.mask)
    shown = decode_placeholders(block.mask.decode(section.question[taken:])).strip(BLANKS)
    text_format = text_format or "moodle"
    name = default_name(shown) if title is None else clean_name(block.mask.decode(title))
    if _HALF in name and block.noted("E_BRACE_ORDER") and _HALF not in block.masked:
        name = name.replace(_HALF, "").strip(BLANKS)  # fix_utf8() drops the half of a letter from names
    _check_title(block, title, name)
    return Parts(
        name,
        title,
        block.start,
        shown,
        text_format,
        formatted(block, feedback, text_format),
        answer,
        section.answer_at,
        section.open_at,
        section.description,
    )


def formatted(block: Block, masked: str, default: TextFormat) -> FormattedText:
    """A text with an optional `[format]` in front, decoded and trimmed: `parse_text_with_format()`."""
    if not masked:
        return FormattedText("", default)
    found, taken = split_format(masked, block.mask)
    return FormattedText(block.mask.decode(masked[taken:]).strip(BLANKS), found or default)


def _title(block: Block) -> tuple[str | None, str, int]:
    """The masked title (None where there is none), the text behind it, and where that begins."""
    text, at = block.text, block.start
    if not text.startswith("::"):
        return None, text, at
    end = text.find("::", 2)
    if end < 0:
        block.note("W_TITLE_UNCLOSED", at)
        return None, text[2:], at + 2
    rest = text[end + 2 :].lstrip(BLANKS)
    return text[2:end], rest, at + len(text) - len(rest)


def _check_title(block: Block, title: str | None, name: str) -> None:
    if title is None:
        return
    written = block.mask.decode(title).strip(BLANKS)
    if not written:
        block.note("W_TITLE_EMPTY", block.start)
    elif "\n" in written:
        block.note("W_TITLE_NEWLINE", block.start)
    if len(written) > NAME_LIMIT:
        block.note("W_TITLE_LONG", block.start + 2, n=len(written), limit=NAME_LIMIT)
    elif name != written:
        block.note("W_TITLE_TAGS", block.start + 2, name=name)


def _section(block: Block, text: str, at: int) -> Section | None:
    start, finish = text.find("{"), text.find("}")
    if start < 0 and finish < 0:
        return Section(text, "", at, at, description=True)
    if finish < 0:
        block.note("E_BRACE_NO_CLOSE", at + start)
        return None
    if start < 0:
        block.note("E_BRACE_NO_OPEN", at + finish)
        return None
    filler = "" if text.endswith("}") else _BLANK_WORD
    if finish < start:
        block.note("E_BRACE_ORDER", at + finish)
        block.muted = True
        return _reversed_section(block, text, at, start, finish, filler)
    inner = text[start + 1 : finish]
    lead = len(inner) - len(inner.lstrip(BLANKS))
    question = text[:start] + filler + text[finish + 1 :]
    return Section(question, inner.strip(BLANKS), at + start + 1 + lead, at + start, description=False)


def _general_feedback(block: Block, section: Section) -> tuple[str, str]:
    """The answer text before the last `####`, and the feedback behind it."""
    answer = section.answer
    at = answer.rfind("####")
    if at < 0:
        return answer, ""
    feedback = answer[at + 4 :]
    if answer[at - 1 : at] == "#":
        block.note("W_HASH_RUN", section.answer_at + len(answer[:at].rstrip("#")))
    elif feedback[:1] in (" ", "\t", "\n") and split_format(feedback.strip(BLANKS), block.mask)[0]:
        block.note("W_FORMAT_AFTER_SPACE", section.answer_at + at)
    return answer[:at].strip(BLANKS), feedback


def _reversed_section(block: Block, text: str, at: int, start: int, finish: int, filler: str) -> Section:
    """`}` before `{`: PHP gets negative lengths, which count BYTES from the end, and may cut a letter in two."""
    mask = block.mask
    distance = len(mask.undecoded(text[finish:start]).encode("utf-8", "surrogatepass"))
    rest = mask.undecoded(text[start:]).encode("utf-8", "surrogatepass")
    inner = rest[1 : max(1, len(rest) - (distance + 1))]
    # substr_replace() with a length of 0 inserts; a negative one leaves that many bytes of the end.
    tail = rest[max(0, len(rest) - (distance - 1)) :] if distance > 1 else rest
    answer = mask.remask(inner.decode("utf-8", "replace")).strip(BLANKS)
    question = text[:start] + filler + mask.remask(tail.decode("utf-8", "replace"))
    return Section(question, answer, at + start + 1, at + start, description=False)
