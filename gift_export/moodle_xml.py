"""Writes questions as Moodle XML, in the layout of Moodle's own export (`question/format/xml`), with their files."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from gift_export.attachments import FILE_NAME_LIMIT, Attachment
from gift_export.names import clean_name
from gift_export.numerals import spell_number
from gift_export.ordering import LAYOUT_NAMES, NUMBERING_STYLES, SELECT_NAMES, XML_GRADING_NAMES
from gift_export.problems import excerpt
from gift_export.refusal import CannotSayError
from gift_export.weights import spell_fraction
from question_banks.model import (
    CategorySwitch,
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
# XML 1.0 has no way to write these, not even as a reference; a carriage return it has, but Moodle's reader loses it.
_FORBIDDEN: Final = re.compile("[\0-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
# Moodle's reader trims every text: one that begins or ends with a blank does not come back. An id it does not trim,
# but one of blanks alone is none to it, and the other spellings of a question trim ids.
_EDGE_BLANK: Final = re.compile(r"<(?:text|idnumber)><!\[CDATA\[[ \t\n]|[ \t\n]\]\]></(?:text|idnumber)>")
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
TAIL: Final = "</quiz>\n"
_TYPE_NAMES: Final[Mapping[str, str]] = {"match": "matching"}
"""Moodle calls matching questions `matching` in its export and reads both names."""


class _Files(NamedTuple):
    """A question's files by the field they belong to."""

    by_field: Mapping[str, Sequence[Attachment]]

    def lines(self, field: str, indent: str) -> Iterable[str]:
        for file in self.by_field.get(field, ()):
            content = base64.b64encode(file.content).decode("ascii")
            name, path = _attribute(file.name), _attribute(file.path)
            yield f'{indent}<file name="{name}" path="{path}" encoding="base64">{content}</file>'


_NO_FILES: Final = _Files({})


def write_quiz(
    items: Iterable[Question | CategorySwitch], attachments: Mapping[int, Sequence[Attachment]] | None = None
) -> Iterator[str]:
    """A whole file in pieces. `attachments` maps the index of an item to its files, as the reader gives them.

    Where a question's `category` differs from the one in force, a category element is put before it.
    Raises `CannotSayError` when it comes to a question XML cannot say.
    """
    yield HEAD
    category = ""
    for at, item in enumerate(items):
        wanted = item.path if isinstance(item, CategorySwitch) else item.category
        if wanted != category or isinstance(item, CategorySwitch):
            category = wanted
            yield category_element(category)
        if not isinstance(item, CategorySwitch):
            yield write_xml(item, (attachments or {}).get(at, ()))
    yield TAIL


def write_xml(question: Question, attachments: Sequence[Attachment] = ()) -> str:
    """One `<question>` element, ending with a newline; the surrounding `<quiz>` is the caller's.

    Raises `CannotSayError` for characters XML 1.0 cannot hold, blanks Moodle's reader trims, names it cleans, numbers
    that are not finite, names of files its database has no room for.
    """
    if clean_name(question.name) != question.name:
        raise CannotSayError("E_WRITE_NAME", question.name, cleaned=clean_name(question.name))
    fields: dict[str, list[Attachment]] = {}
    for one in attachments:
        if max(len(one.name), len(one.path)) > FILE_NAME_LIMIT:
            raise CannotSayError("E_WRITE_FILE_NAME", question.name, text=excerpt(one.name), limit=FILE_NAME_LIMIT)
        fields.setdefault(one.field, []).append(one)
    files = _Files(fields)
    lines = [
        f'  <question type="{_TYPE_NAMES.get(question.qtype, question.qtype)}">',
        "    <name>",
        f"      {_text(question.name)}",
        "    </name>",
        *_texts("questiontext", FormattedText(question.text, question.format), files),
        *_texts("generalfeedback", question.generalfeedback, files),
        f"    <defaultgrade>{0 if isinstance(question, DescriptionQuestion) else 1}</defaultgrade>",
        f"    <penalty>{_penalty(question)}</penalty>",
        "    <hidden>0</hidden>",
        f"    <idnumber>{_cdata(question.idnumber)}</idnumber>",
        *_PARTICULARS.get(question.qtype, _nothing)(question, files),
        *_tags(question.tags),
        "  </question>",
    ]
    return _checked("\n".join(lines) + "\n", question.name)


def _checked(written: str, name: str) -> str:
    if found := _FORBIDDEN.search(written):
        raise CannotSayError("E_XML_CHARACTER", name, point=f"U+{ord(found.group()):04X}")
    if found := _EDGE_BLANK.search(written):
        around = written[max(0, found.start() - 20) : found.end() + 20]
        raise CannotSayError("E_WRITE_EDGE_BLANK", name, text=" ".join(around.split()))
    return written


def category_element(path: str) -> str:
    """The element that puts what follows into a category. Raises `CannotSayError`."""
    text = f"      {_text(path)}\n"
    inner = f'    <category>\n{text}    </category>\n    <info format="moodle_auto_format">\n      <text></text>\n'
    return _checked(f'  <question type="category">\n{inner}    </info>\n  </question>\n', path)


def _attribute(text: str) -> str:
    return text.translate(_ESCAPES).replace("\n", "&#10;").replace("\t", "&#9;")


def _text(text: str) -> str:
    return f"<text>{_cdata(text)}</text>"


def _cdata(text: str) -> str:
    """A text in CDATA whether it has markup or not, because of how Moodle's reader puts pieces together.

    It feeds its parser 4096 bytes at a time (lib/xmlize.php:205) and drops every piece that is white space only (:160).
    Outside CDATA such a piece arises behind an entity, and at the border of 4096 bytes, before a letter that is not
    ASCII: the blank between two Cyrillic words is gone. `]]>` is parted as Moodle's own export does it; both sides of
    the cut are no blanks.
    """
    return "<![CDATA[{}]]>".format(text.replace("]]>", "]]]]><![CDATA[>")) if text else ""


def _penalty(question: Question) -> str:
    if isinstance(question, TruefalseQuestion):
        return "1"
    return "0" if question.qtype in ("description", "essay") else "0.3333333"


def _texts(element: str, content: FormattedText, files: _Files, field: str = "", indent: str = "    ") -> Iterable[str]:
    yield f'{indent}<{element} format="{XML_FORMATS[content.format]}">'
    yield f"{indent}  {_text(content.text)}"
    yield from files.lines(field or element, indent + "  ")
    yield f"{indent}</{element}>"


def _tags(tags: tuple[str, ...]) -> Iterable[str]:
    if tags:
        yield "    <tags>"
        for tag in tags:
            yield f"      <tag>{_text(tag)}</tag>"
        yield "    </tags>"


def _answer(
    text: FormattedText, fraction: float, feedback: FormattedText, place: tuple[_Files, int], *more: str
) -> Iterable[str]:
    files, at = place
    yield f'    <answer fraction="{spell_fraction(fraction)}" format="{XML_FORMATS[text.format]}">'
    yield f"      {_text(text.text)}"
    yield from files.lines(f"answer[{at}]", "      ")
    yield from _texts("feedback", feedback, files, f"answer[{at}].feedback", "      ")
    yield from more
    yield "    </answer>"


def _combined_feedback(text_format: TextFormat) -> Iterable[str]:
    for element in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
        yield from _texts(element, FormattedText("", text_format), _NO_FILES)


def _multichoice(question: MultichoiceQuestion, files: _Files) -> Iterable[str]:
    yield f"    <single>{'true' if question.single else 'false'}</single>"
    yield "    <shuffleanswers>true</shuffleanswers>"
    yield "    <answernumbering>abc</answernumbering>"
    yield "    <showstandardinstruction>0</showstandardinstruction>"
    yield from _combined_feedback(question.format)
    for at, answer in enumerate(question.answers):
        text = FormattedText(answer.text, answer.format)
        yield from _answer(text, answer.fraction, answer.feedback, (files, at))


def _truefalse(question: TruefalseQuestion, files: _Files) -> Iterable[str]:
    for at, (word, right, feedback) in enumerate(
        (("true", question.correct, question.feedbacktrue), ("false", not question.correct, question.feedbackfalse))
    ):
        yield from _answer(FormattedText(word), float(right), feedback, (files, at))


def _shortanswer(question: ShortanswerQuestion, files: _Files) -> Iterable[str]:
    yield "    <usecase>0</usecase>"
    for at, answer in enumerate(question.answers):
        yield from _answer(FormattedText(answer.text), answer.fraction, answer.feedback, (files, at))


def _match(question: MatchQuestion, files: _Files) -> Iterable[str]:
    yield "    <shuffleanswers>true</shuffleanswers>"
    yield from _combined_feedback(question.format)
    for at, pair in enumerate(question.pairs):
        yield f'    <subquestion format="{XML_FORMATS[pair.format]}">'
        yield f"      {_text(pair.text)}"
        yield from files.lines(f"subquestion[{at}]", "      ")
        yield "      <answer>"
        yield f"        {_text(pair.answer)}"
        yield "      </answer>"
        yield "    </subquestion>"


def _numerical(question: NumericalQuestion, files: _Files) -> Iterable[str]:
    for at, answer in enumerate(question.answers):
        try:
            value = "*" if answer.answer == "*" else spell_number(float(answer.answer))
            tolerance = spell_number(answer.tolerance or 0)
        except ValueError as error:
            raise CannotSayError("E_WRITE_NUMBER", question.name, value=answer.answer) from error
        margin = f"      <tolerance>{tolerance}</tolerance>"
        yield from _answer(FormattedText(value), answer.fraction, answer.feedback, (files, at), margin)


def _essay(_question: Question, _files: _Files) -> Iterable[str]:
    yield "    <responseformat>editor</responseformat>"
    yield "    <responserequired>1</responserequired>"
    yield "    <responsefieldlines>15</responsefieldlines>"
    yield "    <attachments>0</attachments>"
    yield "    <attachmentsrequired>0</attachmentsrequired>"
    yield from _texts("graderinfo", FormattedText("", "html"), _NO_FILES)
    yield from _texts("responsetemplate", FormattedText("", "html"), _NO_FILES)


def _ordering(question: OrderingQuestion, files: _Files) -> Iterable[str]:
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
    # Without it Moodle invents two hints, gives them no text and breaks off (type/ordering/questiontype.php:637).
    yield "    <shownumcorrect>0</shownumcorrect>"
    for place, item in enumerate(question.items, 1):
        yield f'    <answer fraction="{place}" format="moodle_auto_format">'
        yield f"      {_text(item)}"
        yield from files.lines(f"answer[{place - 1}]", "      ")
        yield "    </answer>"


def _nothing(_question: Question, _files: _Files) -> Iterable[str]:
    return ()


_PARTICULARS: Final[Mapping[str, Callable[[Any, _Files], Iterable[str]]]] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "match": _match,
    "numerical": _numerical,
    "essay": _essay,
    "ordering": _ordering,
}
