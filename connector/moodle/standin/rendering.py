"""A question's HTML as Moodle 5.0 renders it for web services: the field names a client needs are only in here.

Kept to the recorded markup: `q<usage>:<slot>_<field>`, radio values along the shuffled order, labels by
`aria-labelledby`. Scripts and images of the theme, which no client reads, are left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from connector.moodle.standin.grading import choices_of, stems_of
from connector.moodle.standin.richtext import as_html
from question_banks.model import (
    DescriptionQuestion,
    EssayQuestion,
    MatchQuestion,
    MultichoiceQuestion,
    Question,
    TruefalseQuestion,
)

STATE_WORDS = {
    "todo": ("notyetanswered", "Not yet answered"),
    "complete": ("answersaved", "Answer saved"),
    "invalid": ("invalidanswer", "Incomplete answer"),
    "gaveup": ("notanswered", "Not answered"),
    "gradedwrong": ("incorrect", "Incorrect"),
    "gradedpartial": ("partiallycorrect", "Partially correct"),
    "gradedright": ("correct", "Correct"),
    "needsgrading": ("requiresgrading", "Requires grading"),
    "finished": ("complete", "Complete"),
    "mangrwrong": ("incorrect", "Incorrect"),
    "mangrpartial": ("partiallycorrect", "Partially correct"),
    "mangrright": ("correct", "Correct"),
}
"""State of a question -> (class, words), Moodle's own strings."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One question of one attempt, with all that its HTML depends on.

    `order` is the stored shuffled order, `response` what is saved so far (field -> value).
    """

    usageid: int
    slot: int
    number: int
    question: Question
    questionid: int
    order: Sequence[int]
    response: Mapping[str, str]
    state: str
    sequence: int
    flagged: bool
    readonly: bool
    mark: str | None
    maxmark: str
    rightanswer: str

    @property
    def prefix(self) -> str:
        return f"q{self.usageid}:{self.slot}_"


def question_html(shown: Shown, with_outcome: bool = False, version: int = 0) -> str:
    """The whole block. `with_outcome` adds marks and the right answer (a review that may show them).

    `version` is shown to who may look into the question bank; 0 = not.
    """
    stateclass, status = STATE_WORDS[shown.state]
    return (
        f'<div id="question-{shown.usageid}-{shown.slot}" class="que {shown.question.qtype} deferredfeedback '
        f'{stateclass}">'
        f'<div class="info">{_info(shown, status, with_outcome)}{_version(version)}</div>'
        '<div class="content"><div class="formulation clearfix"><h4 class="accesshide">Question text</h4>'
        f'<input type="hidden" name="{shown.prefix}:sequencecheck" value="{shown.sequence}" />'
        f'<div class="qtext"><div class="clearfix">{as_html(shown.question.text, shown.question.format)}</div></div>'
        f"{controls(shown)}</div>{_outcome(shown) if with_outcome else ''}</div></div>"
    )


def _version(version: int) -> str:
    return f'<span class="badge bg-primary text-light">v{version} (latest)</span>' if version else ""


def _info(shown: Shown, status: str, with_outcome: bool) -> str:
    mark = f'<div class="grade">Mark {shown.mark or "0.00"} out of {shown.maxmark}</div>' if with_outcome else ""
    return (
        f'<h3 class="no">Question <span class="qno">{shown.number}</span></h3><div class="state">{status}</div>{mark}'
        + ("" if shown.readonly else _flag(shown))
    )


def _flag(shown: Shown) -> str:
    name = f"{shown.prefix}:flagged"
    post = f"qaid={shown.slot}&qubaid={shown.usageid}&qid={shown.questionid}&slot={shown.slot}&newstate="
    checked = ' checked="checked"' if shown.flagged else ""
    return (
        f'<div class="questionflag editable"><input type="hidden" name="{name}" value="0" />'
        f'<input type="hidden" value="{escape(post)}" class="questionflagpostdata" />'
        f'<input type="checkbox" id="{name}checkbox" name="{name}" value="1"{checked} />'
        f'<label id="{name}label" for="{name}checkbox"><span>Flag question</span></label></div>'
    )


def _outcome(shown: Shown) -> str:
    if not shown.rightanswer:
        return ""
    return (
        '<div class="outcome clearfix"><h4 class="accesshide">Feedback</h4><div class="feedback">'
        f'<div class="rightanswer">The correct answer is: {escape(shown.rightanswer)}</div></div></div>'
    )


def controls(shown: Shown) -> str:
    """The fields of the answer."""
    question = shown.question
    if isinstance(question, MultichoiceQuestion):
        return _multichoice(shown, question)
    if isinstance(question, TruefalseQuestion):
        return _truefalse(shown)
    if isinstance(question, MatchQuestion):
        return _match(shown, question)
    if isinstance(question, EssayQuestion):
        return _essay(shown)
    if isinstance(question, DescriptionQuestion):
        return ""
    return _typed(shown)


def _multichoice(shown: Shown, question: MultichoiceQuestion) -> str:
    rows = "".join(_option(shown, question, place, answer) for place, answer in enumerate(shown.order))
    clear = _clear_choice(shown) if question.single and not shown.readonly else ""
    return (
        '<fieldset class="ablock no-overflow visual-scroll-x"><legend class="prompt h6 fw-normal visually-hidden">'
        f'<span class="visually-hidden">Question {shown.number}</span> Answer</legend>'
        f'<div class="answer">{rows}</div>{clear}</fieldset>'
    )


def _option(shown: Shown, question: MultichoiceQuestion, place: int, answer: int) -> str:
    letter = chr(ord("a") + place) if place < 26 else str(place + 1)
    label = (
        f'<div class="d-flex w-auto" id="{{id}}_label" data-region="answer-label"><span class="answernumber">{letter}. '
        f'</span><div class="flex-fill ms-1">{{text}}</div></div> </div>\n'
    )
    text = as_html(question.answers[answer].text, question.answers[answer].format)
    if question.single:
        name, value, kind = f"{shown.prefix}answer", str(place), "radio"
        identity, chosen, hidden = f"{name}{place}", shown.response.get("answer") == str(place), ""
    else:
        name, value, kind = f"{shown.prefix}choice{place}", "1", "checkbox"
        identity, chosen = name, shown.response.get(f"choice{place}", "0") == "1"
        hidden = f'<input type="hidden" name="{name}" value="0" />'
    return (
        f'<div class="r{place % 2}">{hidden}<input type="{kind}" name="{name}"{_disabled(shown)} value="{value}" '
        f'id="{identity}" aria-labelledby="{identity}_label"{_checked(chosen)} />'
        + label.replace("{id}", identity).replace("{text}", text)
    )


def _clear_choice(shown: Shown) -> str:
    unanswered = shown.response.get("answer", "-1") == "-1"
    hidden = " visually-hidden" if unanswered else ""
    name = f"{shown.prefix}answer"
    return (
        f'<div id="{shown.prefix}clearchoice" class="qtype_multichoice_clearchoice{hidden}">'
        f'<input type="radio" name="{name}" id="{name}-1" value="-1" class="visually-hidden" '
        f'aria-hidden="true"{_checked(unanswered)} /><label for="{name}-1"><a tabindex="-1" role="button" '
        'class="btn btn-link ms-3 mt-n1" href="#">Clear my choice</a></label></div>'
    )


def _truefalse(shown: Shown) -> str:
    name = f"{shown.prefix}answer"
    rows = "".join(
        f'<div class="r{place}"><input type="radio" id="{name}{word.lower()}" name="{name}"{_disabled(shown)} '
        f'value="{value}"{_checked(shown.response.get("answer") == value)} />'
        f'<label for="{name}{word.lower()}" class="ms-1">{word}</label></div>'
        for place, (value, word) in enumerate((("1", "True"), ("0", "False")))
    )
    return (
        '<fieldset class="ablock"><legend class="prompt">Select one:</legend>'
        f'<div class="answer">{rows}</div></fieldset>'
    )


def _match(shown: Shown, question: MatchQuestion) -> str:
    choices = choices_of(question)
    rows = []
    for place, pair in enumerate(stems_of(question)):
        name = f"{shown.prefix}sub{place}"
        options = [(0, "Choose..."), *((value, choices[choice]) for value, choice in enumerate(shown.order, 1))]
        chosen = shown.response.get(f"sub{place}", "0")
        listed = "".join(
            f'<option value="{value}"{" selected=" + chr(34) + "selected" + chr(34) if str(value) == chosen else ""}>'
            f"{escape(text)}</option>"
            for value, text in options
        )
        stem = as_html(question.pairs[pair].text, question.pairs[pair].format)
        rows.append(
            f'<tr class="r{place % 2}"><td class="text" id="{name}_itemtext">{stem}</td><td class="control">'
            f'<label class="accesshide" for="menu{name}">Answer {place + 1}</label>'
            f'<select name="{name}" id="menu{name}"{_disabled(shown)} class="select form-select">{listed}</select>'
            "</td></tr>"
        )
    return f'<div class="ablock"><table class="answer"><tbody>{"".join(rows)}</tbody></table></div>'


def _typed(shown: Shown) -> str:
    name = f"{shown.prefix}answer"
    return (
        f'<div class="ablock d-flex flex-wrap align-items-center"><label for="{name}">Answer: </label>'
        f'<span class="answer"><input type="text" name="{name}"{_disabled(shown)} '
        f'value="{escape(shown.response.get("answer", ""))}" id="{name}" size="80" '
        'class="form-control d-inline" /></span></div>'
    )


def _essay(shown: Shown) -> str:
    name = f"{shown.prefix}answer"
    return (
        '<div class="ablock"><div class="answer"><div>'
        f'<label class="visually-hidden" for="{name}_id">Answer text</label>'
        f'<textarea id="{name}_id" name="{name}"{_disabled(shown)} class="form-control" rows="10" cols="60">'
        f"{escape(shown.response.get('answer', ''))}</textarea></div>"
        f'<div><input type="hidden" name="{name}format" value="2" /></div></div></div>'
    )


def _disabled(shown: Shown) -> str:
    return ' disabled="disabled"' if shown.readonly else ""


def _checked(chosen: bool) -> str:
    return ' checked="checked"' if chosen else ""


def render_settings(question: Question) -> str | None:
    """The question's `settings` in an answer: JSON in a string, as Moodle's mobile application reads it."""
    if isinstance(question, MultichoiceQuestion):
        settings = {"shuffleanswers": "1", "answernumbering": "abc", "showstandardinstruction": "0", "layout": 1}
        return json.dumps(settings, separators=(",", ":"))
    if isinstance(question, MatchQuestion):
        return json.dumps({"shufflestems": True}, separators=(",", ":"))
    return None
