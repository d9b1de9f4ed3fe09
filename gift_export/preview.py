"""A question as Moodle shows it to the person who answers it, as a fragment of HTML for any page.

Pure and free of any framework: no scripts, no styles, no ids, nothing that loads. Classes begin with `kz-question`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Final, NamedTuple

from gift_export.attachments import PLACE, Attachment, inlined
from gift_export.safe_html import picture_address, safe_html
from gift_export.weights import is_mark, nearest_mark, shown_percent, spell_percent
from question_banks.model import (
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
    TruefalseQuestion,
)


class PreviewWords(NamedTuple):
    """What the page says itself, in its language."""

    true: str
    false: str
    choose: str
    answer: str
    select_one: str
    select_several: str
    right: str
    feedback: str
    general_feedback: str


ENGLISH: Final = PreviewWords(
    "True", "False", "Choose…", "Answer", "Select one:", "Select one or more:", "right", "Feedback", "General feedback"
)


class _View(NamedTuple):
    """How a fragment is to be written."""

    words: PreviewWords
    key: bool
    files: Mapping[str, Mapping[str, bytes]]

    def html(self, content: FormattedText, field: str) -> str:
        """A text with its own pictures put in."""
        text = content.text
        if PLACE in text:
            text = inlined(text, self.files.get(field, {}))[0]
        return safe_html(FormattedText(text, content.format), picture_address)


def question_html(
    question: Question,
    *,
    attachments: Sequence[Attachment] = (),
    words: PreviewWords = ENGLISH,
    key: bool = False,
) -> str:
    """The question as a safe HTML fragment: `<div class="kz-question">`.

    With `key` the right answers, marks and all feedback are shown as well, for authors and reviewers; without it
    nothing of the key is in the fragment. Fields to answer in are there and disabled.
    """
    files: dict[str, dict[str, bytes]] = {}
    for one in attachments:
        files.setdefault(one.field, {}).setdefault(one.path + one.name, one.content)
    view = _View(words, key, files)
    text = view.html(FormattedText(question.text, question.format), "questiontext")
    body = _BODIES[question.qtype](view, question)
    said = _note(view, view.words.general_feedback, question.generalfeedback, "generalfeedback") if key else ""
    kind = escape(question.qtype)
    shown = f'<div class="kz-question__text">{text}</div>\n{body}{said}'
    return f'<div class="kz-question kz-question--{kind}">\n{shown}</div>\n'


def _note(view: _View, label: str, content: FormattedText, field: str) -> str:
    if not content.text:
        return ""
    return (
        f'<div class="kz-question__feedback"><span class="kz-question__label">{escape(label)}:</span> '
        f"{view.html(content, field)}</div>\n"
    )


def _mark(view: _View, fraction: float) -> str:
    """The share of an answer, in words and numbers: colour alone would not tell everybody."""
    if not view.key or not fraction:
        return ""
    percent = spell_percent(nearest_mark(fraction)) if is_mark(fraction) else shown_percent(fraction)
    word = f"{escape(view.words.right)}, " if fraction == 1 else ""
    return f' <strong class="kz-question__mark">({word}{percent} %)</strong>'


def _field(kind: str, label: str, extra: str = "") -> str:
    return (
        f'<label class="kz-question__field"><span class="kz-question__label">{escape(label)}:</span> '
        f'<input type="{kind}" disabled{extra}></label>\n'
    )


def _multichoice(view: _View, question: MultichoiceQuestion) -> str:
    kind = "radio" if question.single else "checkbox"
    prompt = view.words.select_one if question.single else view.words.select_several
    rows = []
    for at, answer in enumerate(question.answers):
        text = view.html(FormattedText(answer.text, answer.format), f"answer[{at}]")
        note = _note(view, view.words.feedback, answer.feedback, f"answer[{at}].feedback") if view.key else ""
        right = " kz-question__answer--right" if view.key and answer.fraction > 0 else ""
        rows.append(_choice_row(kind, text + _mark(view, answer.fraction), right, note))
    asked = f'<p class="kz-question__prompt">{escape(prompt)}</p>\n'
    return f'{asked}<ol class="kz-question__answers" type="a">\n{"".join(rows)}</ol>\n'


def _choice_row(kind: str, content: str, right: str, note: str) -> str:
    # A div as label text would not be valid inside <label>; the text stands beside the field and names it by order.
    return (
        f'<li class="kz-question__answer{right}"><input type="{kind}" disabled aria-hidden="true"> '
        f'<div class="kz-question__choice">{content}</div>{note}</li>\n'
    )


def _truefalse(view: _View, question: TruefalseQuestion) -> str:
    rows = []
    for at, (word, right, feedback) in enumerate(
        (
            (view.words.true, question.correct, question.feedbacktrue),
            (view.words.false, not question.correct, question.feedbackfalse),
        )
    ):
        note = _note(view, view.words.feedback, feedback, f"answer[{at}].feedback") if view.key else ""
        marked = " kz-question__answer--right" if view.key and right else ""
        rows.append(_choice_row("radio", escape(word) + _mark(view, float(right)), marked, note))
    prompt = escape(view.words.select_one)
    return f'<p class="kz-question__prompt">{prompt}</p>\n<ul class="kz-question__answers">\n{"".join(rows)}</ul>\n'


def _typed(view: _View, question: ShortanswerQuestion | NumericalQuestion) -> str:
    field = _field("text", view.words.answer)
    if not view.key:
        return field
    rows = []
    answers: Sequence[ShortAnswer | NumericalAnswer] = question.answers
    for at, answer in enumerate(answers):
        shown = answer.text if isinstance(answer, ShortAnswer) else _number(answer)
        note = _note(view, view.words.feedback, answer.feedback, f"answer[{at}].feedback")
        rows.append(
            f'<li class="kz-question__answer">{escape(shown, quote=False)}{_mark(view, answer.fraction)}{note}</li>\n'
        )
    return f'{field}<ul class="kz-question__key">\n{"".join(rows)}</ul>\n'


def _number(answer: NumericalAnswer) -> str:
    value = answer.answer if answer.answer == "*" else f"{answer.answer:.12g}"
    return f"{value} ± {answer.tolerance:.12g}" if answer.tolerance else str(value)


def _match(view: _View, question: MatchQuestion) -> str:
    options = sorted({pair.answer for pair in question.pairs if pair.answer})
    rows = []
    for at, pair in enumerate(question.pairs):
        if not pair.text:
            continue
        text = view.html(FormattedText(pair.text, pair.format), f"subquestion[{at}]")
        shown = f'<strong class="kz-question__mark">{escape(pair.answer)}</strong>' if view.key else ""
        rows.append(f"<tr><td>{text}</td><td>{shown or _select(view, options)}</td></tr>\n")
    return f'<table class="kz-question__pairs">\n{"".join(rows)}</table>\n'


def _select(view: _View, options: Sequence[str]) -> str:
    choices = "".join(f"<option>{escape(one)}</option>" for one in (view.words.choose, *options))
    return f'<select disabled aria-label="{escape(view.words.choose)}">{choices}</select>'


def _ordering(view: _View, question: OrderingQuestion) -> str:
    """The items: in their right order for an author, in an order that tells nothing for a candidate."""
    indexed = list(enumerate(question.items))
    shown = indexed if view.key else sorted(indexed, key=lambda pair: pair[1].casefold())
    rows = "".join(
        f"<li>{view.html(FormattedText(text, question.format), f'answer[{at}]')}</li>\n" for at, text in shown
    )
    tag = "ol" if view.key else "ul"
    return f'<{tag} class="kz-question__items">\n{rows}</{tag}>\n'


def _essay(view: _View, _question: EssayQuestion) -> str:
    label = escape(view.words.answer)
    return (
        f'<label class="kz-question__field"><span class="kz-question__label">{label}:</span> '
        '<textarea rows="6" disabled></textarea></label>\n'
    )


def _description(_view: _View, _question: DescriptionQuestion) -> str:
    return ""


_BODIES: Final[Mapping[str, Callable[[_View, Any], str]]] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _typed,
    "numerical": _typed,
    "match": _match,
    "ordering": _ordering,
    "essay": _essay,
    "description": _description,
}
