"""Writes a question as Moodle XML, in the layout of Moodle's own export (`question/format/xml`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from gift_export.numerals import spell_number
from gift_export.ordering import LAYOUT_NAMES, NUMBERING_STYLES, SELECT_NAMES, XML_GRADING_NAMES
from gift_export.refusal import CannotSayError
from gift_export.weights import is_mark, nearest_mark, shown_percent, spell_percent
from question_banks.model import (
    DescriptionQuestion,
    FormattedText,
    MatchQuestion,
    MultichoiceQuestion,
    NumericalQuestion,
    OrderingQuestion,
    Question,
    ShortanswerQuestion,
    TextFormat,
    TruefalseQuestion,
)

XML_FORMATS: Final[Mapping[TextFormat, str]] = {
    "moodle": "moodle_auto_format",
    "html": "html",
    "plain": "plain_text",
    "markdown": "markdown",
}
# XML 1.0 has no way to write these, not even as a reference.
_FORBIDDEN: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})


def write_xml(question: Question) -> str:
    """One `<question>` element, ending with a newline; the surrounding `<quiz>` is the caller's.

    Raises `CannotSayError` for characters XML 1.0 cannot hold and for numbers that are not finite.
    """
    lines = [
        f'  <question type="{question.qtype}">',
        "    <name>",
        f"      <text>{_escape(question.name)}</text>",
        "    </name>",
        *_texts("questiontext", FormattedText(question.text, question.format)),
        *_texts("generalfeedback", question.generalfeedback),
        f"    <defaultgrade>{0 if isinstance(question, DescriptionQuestion) else 1}</defaultgrade>",
        f"    <penalty>{_penalty(question)}</penalty>",
        "    <hidden>0</hidden>",
        f"    <idnumber>{_escape(question.idnumber)}</idnumber>",
        *_PARTICULARS.get(question.qtype, _nothing)(question),
        *_tags(question.tags),
        "  </question>",
    ]
    written = "\n".join(lines) + "\n"
    if found := _FORBIDDEN.search(written):
        raise CannotSayError("E_XML_CHARACTER", question.name, point=f"U+{ord(found.group()):04X}")
    return written


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)


def _penalty(question: Question) -> str:
    if isinstance(question, TruefalseQuestion):
        return "1"
    return "0" if question.qtype in ("description", "essay") else "0.3333333"


def _texts(element: str, content: FormattedText, indent: str = "    ") -> Iterable[str]:
    yield f'{indent}<{element} format="{XML_FORMATS[content.format]}">'
    yield f"{indent}  <text>{_escape(content.text)}</text>"
    yield f"{indent}</{element}>"


def _tags(tags: tuple[str, ...]) -> Iterable[str]:
    if tags:
        yield "    <tags>"
        for tag in tags:
            yield f"      <tag><text>{_escape(tag)}</text></tag>"
        yield "    </tags>"


def _percent(fraction: float) -> str:
    return spell_percent(nearest_mark(fraction)) if is_mark(fraction) else shown_percent(fraction)


def _answer(text: str, text_format: TextFormat, percent: str, feedback: FormattedText, *more: str) -> Iterable[str]:
    yield f'    <answer fraction="{percent}" format="{XML_FORMATS[text_format]}">'
    yield f"      <text>{_escape(text)}</text>"
    yield from _texts("feedback", feedback, "      ")
    yield from more
    yield "    </answer>"


def _combined_feedback(text_format: TextFormat) -> Iterable[str]:
    for element in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
        yield from _texts(element, FormattedText("", text_format))


def _multichoice(question: MultichoiceQuestion) -> Iterable[str]:
    yield f"    <single>{'true' if question.single else 'false'}</single>"
    yield "    <shuffleanswers>true</shuffleanswers>"
    yield "    <answernumbering>abc</answernumbering>"
    yield "    <showstandardinstruction>0</showstandardinstruction>"
    yield from _combined_feedback(question.format)
    for answer in question.answers:
        yield from _answer(answer.text, answer.format, _percent(answer.fraction), answer.feedback)


def _truefalse(question: TruefalseQuestion) -> Iterable[str]:
    for word, right, feedback in (
        ("true", question.correct, question.feedbacktrue),
        ("false", not question.correct, question.feedbackfalse),
    ):
        yield from _answer(word, "moodle", "100" if right else "0", feedback)


def _shortanswer(question: ShortanswerQuestion) -> Iterable[str]:
    yield "    <usecase>0</usecase>"
    for answer in question.answers:
        yield from _answer(answer.text, "moodle", _percent(answer.fraction), answer.feedback)


def _match(question: MatchQuestion) -> Iterable[str]:
    yield "    <shuffleanswers>true</shuffleanswers>"
    yield from _combined_feedback(question.format)
    for pair in question.pairs:
        yield f'    <subquestion format="{XML_FORMATS[pair.format]}">'
        yield f"      <text>{_escape(pair.text)}</text>"
        yield "      <answer>"
        yield f"        <text>{_escape(pair.answer)}</text>"
        yield "      </answer>"
        yield "    </subquestion>"


def _numerical(question: NumericalQuestion) -> Iterable[str]:
    for answer in question.answers:
        try:
            value = "*" if answer.answer == "*" else spell_number(float(answer.answer))
            tolerance = spell_number(answer.tolerance or 0)
        except ValueError as error:
            raise CannotSayError("E_WRITE_NUMBER", question.name, value=answer.answer) from error
        margin = f"      <tolerance>{tolerance}</tolerance>"
        yield from _answer(value, "moodle", _percent(answer.fraction), answer.feedback, margin)


def _essay(_question: Question) -> Iterable[str]:
    yield "    <responseformat>editor</responseformat>"
    yield "    <responserequired>1</responserequired>"
    yield "    <responsefieldlines>15</responsefieldlines>"
    yield "    <attachments>0</attachments>"
    yield "    <attachmentsrequired>0</attachmentsrequired>"
    yield from _texts("graderinfo", FormattedText("", "html"))
    yield from _texts("responsetemplate", FormattedText("", "html"))


def _ordering(question: OrderingQuestion) -> Iterable[str]:
    grading = XML_GRADING_NAMES.get(question.gradingtype)
    select, layout = SELECT_NAMES.get(question.selecttype), LAYOUT_NAMES.get(question.layouttype)
    if None in (grading, select, layout) or question.numberingstyle not in NUMBERING_STYLES:
        raise CannotSayError("E_WRITE_ORDERING_OPTION", question.name)
    yield f"    <layouttype>{layout}</layouttype>"
    yield f"    <selecttype>{select}</selecttype>"
    yield f"    <selectcount>{question.selectcount}</selectcount>"
    yield f"    <gradingtype>{grading}</gradingtype>"
    yield f"    <showgrading>{'SHOW' if question.showgrading else 'HIDE'}</showgrading>"
    yield f"    <numberingstyle>{question.numberingstyle}</numberingstyle>"
    yield from _combined_feedback(question.format)
    for place, item in enumerate(question.items, 1):
        yield f'    <answer fraction="{place}" format="moodle_auto_format">'
        yield f"      <text>{_escape(item)}</text>"
        yield "    </answer>"


def _nothing(_question: Question) -> Iterable[str]:
    return ()


_PARTICULARS: Final[Mapping[str, Callable[[Any], Iterable[str]]]] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "match": _match,
    "numerical": _numerical,
    "essay": _essay,
    "ordering": _ordering,
}
