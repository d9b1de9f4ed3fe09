"""Writes GIFT so that Moodle, and `gift_export.reader`, read the very same questions back.

`read(write(questions)).items == questions`, place in the file aside. One line per answer, a fixed order, no dates and
no numbers of its own: the same questions always give the same text, and a changed answer is one changed line. What GIFT
cannot say is refused with a reason (`CannotSayError`); Moodle XML can say it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gift_export.comments import find_ids, find_tags
from gift_export.grammar import BLANKS, escape
from gift_export.names import clean_name
from gift_export.numerals import spell_number
from gift_export.ordering import GRADING_NAMES, LAYOUT_NAMES, NUMBERING_STYLES, SELECT_NAMES, select_count
from gift_export.quick_writer import PlainRun
from gift_export.refusal import CannotSayError
from gift_export.weights import is_mark, spell_fraction
from question_banks.model import (
    Answer,
    CategorySwitch,
    DescriptionQuestion,
    EssayQuestion,
    FormattedText,
    MatchQuestion,
    MultichoiceQuestion,
    NumericalAnswer,
    NumericalQuestion,
    OrderingQuestion,
    Question,
    ShortAnswer,
    ShortanswerQuestion,
    TextFormat,
    TruefalseQuestion,
)

ID_LIMIT: Final = 100
_AT_ONCE: Final = 32
"""Questions whose texts are escaped together."""
_PLACEHOLDER: Final = re.compile(r"&&(?:058;|035;|061;|123;|125;|126;|092;|010)")
_UNDECODABLE: Final = re.compile("[\0\ud800-\udfff]")
_SAFE_HEAD: Final = re.compile(r"(?:T|TRUE|F|FALSE|0)\Z|[#>%]")

__all__ = ["CannotSayError", "spell", "write"]


def write(items: Sequence[Question | CategorySwitch]) -> str:
    """A GIFT file. Where a question's `category` differs from the one in force, a `$CATEGORY:` line is put before it.

    Raises `CannotSayError` for the first question GIFT cannot say.
    """
    blocks: list[str] = []
    category = ""
    plain = PlainRun()
    for item in items:
        wanted = item.path if item.qtype == "category" else item.category
        if wanted != category or item.qtype == "category":
            category = wanted
            blocks += plain.finish(_careful_block)
            blocks.append(_category(category))
        if item.qtype == "multichoice" and plain.take(item):
            if len(plain) == _AT_ONCE:
                blocks += plain.finish(_careful_block)
        elif item.qtype != "category":
            blocks += plain.finish(_careful_block)
            blocks.append(_careful_block(item))
    return "\n".join((*blocks, *plain.finish(_careful_block)))


def spell(question: Question) -> str:
    """One question with its `// [id:…] [tag:…]` line, ending with a newline; its category is not said.

    Raises `CannotSayError`.
    """
    plain = PlainRun()
    if question.qtype == "multichoice" and plain.take(question):
        return "".join(plain.finish(_careful_block))
    return _careful_block(question)


def _careful_block(question: Question) -> str:
    name = question.name
    text = f"::{_name(name)}::{_text(question, question.text, question.format, 'moodle')}"
    block = text + _SECTIONS[question.qtype](question) + "\n"
    # Neither a comment nor an item of an ordering question is decoded by Moodle: they may hold what looks like one.
    decoded = name + text + question.generalfeedback.text if question.qtype == "ordering" else block
    if "&&" in decoded and (found := _PLACEHOLDER.search(decoded)):
        raise CannotSayError("E_WRITE_PLACEHOLDER", name, text=found.group())
    spelled = _comment(question) + block
    _check_characters(spelled, name)
    return spelled


def _check_characters(spelled: str, name: str) -> None:
    """A database takes everything but NUL and half a pair."""
    if found := _UNDECODABLE.search(spelled):
        raise CannotSayError("E_WRITE_CHARACTER", name, point=f"U+{ord(found.group()):04X}")


def _category(path: str) -> str:
    if "\n" in path or path != path.strip(BLANKS):
        raise CannotSayError("E_WRITE_CATEGORY", path)
    if "&&092;" in path:
        raise CannotSayError("E_WRITE_PLACEHOLDER", path, text="&&092;")
    _check_characters(path, path)
    # Moodle does not decode escapes here, except the backslash: nothing else may be escaped.
    return "$CATEGORY: {}\n".format(path.replace("\\", "\\\\"))


def _name(name: str) -> str:
    if ("<" in name or len(name) > 200 or name[:1] in BLANKS or name[-1:] in BLANKS) and clean_name(name) != name:
        raise CannotSayError("E_WRITE_NAME", name, cleaned=clean_name(name))
    return escape(name)


def _text(question: Question, text: str, text_format: TextFormat, default: TextFormat) -> str:
    """A text with its `[format]` where it is not the default one, or where the text begins like a format."""
    if text and (text[0] in BLANKS or text[-1] in BLANKS):
        raise CannotSayError("E_WRITE_EDGE_BLANK", question.name, text=text.strip()[:40])
    if text_format != default or text[:1] == "[":
        return f"[{text_format}]{escape(text)}"
    return escape(text)


def _formatted(question: Question, part: FormattedText, mark: str) -> str:
    """`mark` and the feedback, nothing where it is empty and in the question's format."""
    if not part.text and part.format == question.format:
        return ""
    return mark + _text(question, part.text, part.format, question.format)


def _comment(question: Question) -> str:
    if not question.idnumber and not question.tags:
        return ""
    tokens = [f"[id:{_token(question.idnumber)}]"] if question.idnumber else []
    tokens += [f"[tag:{_token(tag)}]" for tag in question.tags]
    comment = "// " + " ".join(tokens)
    found_ids = tuple(token.value for token in find_ids(comment))
    found_tags = tuple(token.value for token in find_tags(comment))
    ids = (question.idnumber,) if question.idnumber else ()
    # A backslash at the end would escape the bracket: Moodle recovers from that only by luck.
    loose = any(value.endswith("\\") for value in (question.idnumber, *question.tags))
    if loose or found_ids != ids or found_tags != question.tags or len(question.idnumber) > ID_LIMIT:
        raise CannotSayError("E_WRITE_ID", question.name, idnumber=question.idnumber, tags=", ".join(question.tags))
    return comment + "\n"


def _token(value: str) -> str:
    return value.replace("]", "\\]")


def _section(question: Question, lines: list[str]) -> str:
    body = "".join(f"\t{line}\n" for line in lines)
    feedback = _formatted(question, question.generalfeedback, "####")
    return f"{{\n{body}\t{feedback}\n}}" if feedback else f"{{\n{body}}}"


def _weight(question: Question, fraction: float) -> str:
    """The percentage between the signs: Moodle's own spelling, or more digits where that is what was read."""
    if not is_mark(fraction):
        raise CannotSayError("E_WRITE_WEIGHT", question.name, value=f"{fraction * 100:.7g}")
    return spell_fraction(fraction)


def _multichoice(question: MultichoiceQuestion) -> str:
    if len(question.answers) < 2:
        raise CannotSayError("E_WRITE_TOO_FEW", question.name, n=len(question.answers))
    equals = question.single
    if equals and all(answer.fraction != 1 for answer in question.answers):
        raise CannotSayError("E_WRITE_SINGLE_NO_FULL", question.name)
    lines: list[str] = []
    only_full = equals and all(answer.fraction == 1 for answer in question.answers)
    for at, answer in enumerate(question.answers):
        # Without any "~" Moodle reads a short answer: of several full marks all but the first are spelled as weights.
        lines.append(_choice(question, answer, equals=equals and not (only_full and at)))
    return _section(question, lines)


def _choice(question: MultichoiceQuestion, answer: Answer, *, equals: bool) -> str:
    text = _text(question, answer.text, answer.format, question.format)
    if answer.fraction == 1 and equals:
        mark = "="
    elif answer.fraction == 0:
        mark = "~%0%" if text[:1] == "%" else "~"
    else:
        mark = f"~%{_weight(question, answer.fraction)}%"
    return mark + text + _formatted(question, answer.feedback, "#")


def _shortanswer(question: ShortanswerQuestion) -> str:
    if not question.answers:
        raise CannotSayError("E_WRITE_TOO_FEW", question.name, n=0)
    lines = [_short(question, answer) for answer in question.answers]
    if not any("->" in line for line in lines):
        return _section(question, ["=" + line for line in lines])
    # "=" and "->" together are a matching question; a single answer can do without "=".
    if len(lines) > 1 or not _can_stand_alone(lines[0]):
        raise CannotSayError("E_WRITE_ARROW", question.name)
    return "{" + lines[0] + _formatted(question, question.generalfeedback, "####") + "}"


def _short(question: ShortanswerQuestion, answer: ShortAnswer) -> str:
    text = _text(question, answer.text, question.format, question.format)
    if answer.fraction != 1 or text[:1] == "%":
        text = f"%{_weight(question, answer.fraction)}%{text}"
    return text + _formatted(question, answer.feedback, "#")


def _can_stand_alone(line: str) -> bool:
    return bool(line) and "=" not in line.replace("\\=", "") and _SAFE_HEAD.match(line) is None


def _match(question: MatchQuestion) -> str:
    if len(question.pairs) < 2:
        raise CannotSayError("E_WRITE_TOO_FEW", question.name, n=len(question.pairs))
    lines: list[str] = []
    for pair in question.pairs:
        if "->" in pair.text:
            raise CannotSayError("E_WRITE_ARROW", question.name)
        left = _text(question, pair.text, pair.format, question.format)
        if pair.answer != pair.answer.strip(BLANKS):
            raise CannotSayError("E_WRITE_EDGE_BLANK", question.name, text=pair.answer.strip()[:40])
        lines.append(f"={left} -> {escape(pair.answer)}")
    return _section(question, lines)


def _truefalse(question: TruefalseQuestion) -> str:
    wrong, right = question.feedbackfalse, question.feedbacktrue
    if not question.correct:
        wrong, right = right, wrong
    first, second = _formatted(question, wrong, "#"), _formatted(question, right, "#")
    if second and not first:
        first = "#"
    word = "TRUE" if question.correct else "FALSE"
    return "{" + word + first + second + _formatted(question, question.generalfeedback, "####") + "}"


def _numerical(question: NumericalQuestion) -> str:
    answers = question.answers
    otherwise = answers[-1] if answers and answers[-1].tolerance is None else None
    numbers = answers[:-1] if otherwise else answers
    if not numbers:
        raise CannotSayError("E_WRITE_TOO_FEW", question.name, n=0)
    lines = [_number(question, answer) for answer in numbers]
    if otherwise:
        if otherwise.answer != "*" or otherwise.fraction:
            raise CannotSayError("E_WRITE_NUMBER", question.name, value=otherwise.answer)
        lines.append("~" + _formatted(question, otherwise.feedback, "#"))
    return "{#" + _section(question, lines)[1:]


def _number(question: NumericalQuestion, answer: NumericalAnswer) -> str:
    if answer.tolerance is None:
        raise CannotSayError("E_WRITE_NUMBER", question.name, value=answer.answer)
    try:
        value = "*" if answer.answer == "*" else spell_number(float(answer.answer))
        tolerance = spell_number(answer.tolerance)
    except ValueError as error:
        raise CannotSayError("E_WRITE_NUMBER", question.name, value=answer.answer) from error
    weight = "" if answer.fraction == 1 else f"%{_weight(question, answer.fraction)}%"
    return f"={weight}{value}:{tolerance}" + _formatted(question, answer.feedback, "#")


def _ordering(question: OrderingQuestion) -> str:
    names = (
        SELECT_NAMES.get(question.selecttype),
        LAYOUT_NAMES.get(question.layouttype),
        GRADING_NAMES.get(question.gradingtype),
        {0: "HIDE", 1: "SHOW"}.get(question.showgrading),
        question.numberingstyle if question.numberingstyle in NUMBERING_STYLES else None,
    )
    count = str(question.selectcount)
    if None in names or select_count(count, len(question.items)) != question.selectcount or not count.isdigit():
        raise CannotSayError("E_WRITE_ORDERING_OPTION", question.name)
    lines = [f">{count} {' '.join(filter(None, names))}", *(_item(question, item) for item in question.items)]
    return _section(question, lines)


def _item(question: OrderingQuestion, item: str) -> str:
    """An item goes out as it is: Moodle does not decode escapes in items, except the backslash."""
    # A form feed is white space to the pattern that reads the options, so it is lost at an edge too.
    clean = item == item.strip(BLANKS + "\f") and item not in ("", "0") and not item.startswith("//")
    if not clean or any(part in item for part in ("{", "}", "\n", "\r", "####", "&&092;")):
        raise CannotSayError("E_WRITE_ORDERING_ITEM", question.name, text=item)
    return item.replace("\\", "\\\\")


def _essay(question: EssayQuestion) -> str:
    return "{" + _formatted(question, question.generalfeedback, "####") + "}"


def _description(question: DescriptionQuestion) -> str:
    if question.generalfeedback != FormattedText("", question.format):
        raise CannotSayError("E_WRITE_DESCRIPTION_FEEDBACK", question.name)
    return ""


_SECTIONS: Final[Mapping[str, Callable[[Any], str]]] = {
    "multichoice": _multichoice,
    "shortanswer": _shortanswer,
    "match": _match,
    "truefalse": _truefalse,
    "numerical": _numerical,
    "ordering": _ordering,
    "essay": _essay,
    "description": _description,
}
