"""What a spreadsheet says in its author's words: topics by code or title, findings at the cell that is meant."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from flask_app.messages import LANGUAGES, label
from flask_app.services.question_drafts import Frame, unlike
from flask_app.services.question_findings import Remark, difficulty_word
from gift_export.sheet_layout import cell_name
from gift_export.sheet_reader import RowCells
from question_banks.bank import DIFFICULTIES, DIFFICULTY_TAG, SOURCE_TAG, TOPIC_TAG, UNVERIFIED, Citation, Source
from question_banks.model import MultichoiceQuestion, Question
from question_banks.rules import figures_of
from question_banks.wording import WORD

TYPED_MOST: Final = 100
"""Characters of an unknown topic that are quoted."""
_BOXES: Final = "BANK_KEY_BOXES"
_SAME: Final = {"E_DUPLICATE_ANSWER": "QUESTION_CELL_SAME_RIGHT", "W_DUPLICATE_ANSWER": "QUESTION_CELL_SAME"}
_WITH_CELLS: Final = frozenset({"W_SHEET_PICTURE", "E_SHEET_RAISED", "E_SHEET_STRUCK"})
"""What names its cells itself."""
SHARES: Final = "QUESTION_CELL_SHARES"
NO_TOPIC: Final = "QUESTION_TOPIC_NONE"
_OF_KEYS: Final = {
    "E_SHEET_SEVERAL_KEYS": "QUESTION_CELL_KEYS",
    **dict.fromkeys(("E_MARKS_SUM", "E_NO_CORRECT", "E_WEIGHT_NOT_ALLOWED"), SHARES),
    "E_SHEET_NO_ANSWERS": "QUESTION_CELL_NO_ANSWERS",
    "E_SHEET_KEY": "QUESTION_CELL_KEY",
    "E_SHEET_TYPE": "QUESTION_CELL_TYPE",
}
"""What the reading of any sheet says of a key or a type → what a bank says of it: there each question has answers to
choose from and one right one, so that nobody is told to set shares or a type which the bank then refuses."""
_SOURCE_CELLS: Final = {
    "QUESTION_SOURCE": "QUESTION_CELL_SOURCE",
    "QUESTION_SOURCE_ALIKE": "QUESTION_CELL_SOURCE_ALIKE",
    "QUESTION_PLACE": "QUESTION_CELL_PLACE",
    "QUESTION_PLACE_NONE": "QUESTION_CELL_PLACE_NONE",
}
_ON_THE_FORM: Final = {NO_TOPIC: "QUESTION_TOPIC_FORM", "QUESTION_CITATION": "QUESTION_CITATION_FORM"}
_OF_THE_KEY: Final = frozenset({"BANK_KEY_STANDS_OUT"})
"""What is said of the right answer itself."""
_KEYS: Final = frozenset({"BANK_KEY_NONE", "BANK_KEY_SEVERAL", _BOXES, "BANK_KEY_PARTIAL"})


def topic_names(frame: Frame) -> dict[str, str]:
    """What a topic of the bank may be called: its code, with or without `topic:`, and its titles → its code."""
    names: dict[str, str] = {}
    for topic in frame.topics:
        for title in frame.topic_titles.get(topic, {}).values():
            names.setdefault(_folded(title), topic)
    return names | {_folded(topic): topic for topic in frame.topics}


def with_topic(names: Mapping[str, str], question: Question) -> Question:
    """The question with its topic as a tag. Words that name no topic of the bank stand for one, and so are quoted."""
    topics: list[str] = []
    others: list[str] = []
    words: list[str] = []
    for tag, topic in _resolved(names, question.tags):
        (topics if topic else others if _is_marked(tag) else words).append(topic or tag)
    if not topics and words:
        topics = [", ".join(words)[:TYPED_MOST]]
    return question._replace(tags=(*(f"{TOPIC_TAG}{topic}" for topic in dict.fromkeys(topics)), *others))


def _resolved(names: Mapping[str, str], tags: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(words, topic) or (words, "") one after another; a title may hold commas, which part the words of a cell."""
    longest = 1 + max((name.count(",") for name in names), default=0)
    at = 0
    while at < len(tags):
        ends = range(min(len(tags), at + longest), at, -1)
        tries = ((end, ", ".join(tags[at:end])) for end in ends)
        end, said = next(((end, said) for end, said in tries if _bare(said) in names), (at + 1, tags[at]))
        yield said, names.get(_bare(said), "")
        at = end


def _is_marked(tag: str) -> bool:
    return tag.startswith((SOURCE_TAG, DIFFICULTY_TAG))


def _bare(said: str) -> str:
    return _folded(said).removeprefix(TOPIC_TAG).strip()


def _folded(said: str) -> str:
    return " ".join(said.casefold().split())


def with_sources(sources: Mapping[str, Source], question: Question) -> Question:
    """The question with its sources and difficulty as rules know them: an act by its code or title, `easy` for лёгкий.

    An act without a place is cited as unverified; what names no act stays as it was typed, and is quoted.
    """
    names = _titles(sources)
    return question._replace(tags=tuple(_as_rules_know(tag, sources, names) for tag in question.tags))


def _as_rules_know(tag: str, sources: Mapping[str, Source], names: Mapping[str, str]) -> str:
    if tag.startswith(DIFFICULTY_TAG):
        said = _folded(tag.removeprefix(DIFFICULTY_TAG))
        return DIFFICULTY_TAG + _difficulties().get(said, said)
    if not tag.startswith(SOURCE_TAG):
        return tag
    return SOURCE_TAG + _cited(tag.removeprefix(SOURCE_TAG), sources, names)


def cited(said: str, sources: Mapping[str, Source]) -> str:
    """A citation as rules know it: the act by its code or title; without a place it is unverified, where it may be."""
    return _cited(said, sources, _titles(sources))


def _cited(said: str, sources: Mapping[str, Source], names: Mapping[str, str]) -> str:
    act, _, point = said.strip().partition("#")
    code, _, title = act.strip().partition(" ")
    named = names.get(_folded(title.strip(" –—-"))) == code  # the list of acts says "code – title"
    known = code if code in sources and (not title or named) else names.get(_folded(act), "")
    if not known:
        return said.strip().rstrip("#").rstrip()
    unseen = UNVERIFIED if UNVERIFIED in sources[known].points else ""
    return str(Citation(known, point.strip() or unseen))


def _titles(sources: Mapping[str, Source]) -> dict[str, str]:
    return {_folded(title): source.id for source in sources.values() for title in source.titles.values()}


@cache
def _difficulties() -> Mapping[str, str]:
    """What a difficulty may be called, in any language → as rules know it."""
    return {
        _folded(word): known
        for known in DIFFICULTIES
        for language in LANGUAGES
        for word in (*label(f"gift_difficulty_{known}", language).split("; "), difficulty_word(known, language), known)
    }


@cache
def _languages() -> Mapping[str, str]:
    """What a language may be called, in any language → its code."""
    return {
        _folded(word): known
        for known in LANGUAGES
        for language in LANGUAGES
        for word in (*label(f"gift_language_{known}", language).split("; "), known)
    }


def language_named(said: str) -> str:
    """The code of a language somebody named; empty for words that name none."""
    return _languages().get(_folded(said), "")


def in_cells(
    remarks: Sequence[Remark], question: Question, cells: RowCells, sources: Mapping[str, Source]
) -> list[Remark]:
    """What the rules say of a row, said of its cells instead of signs that only GIFT has."""
    marked = _marked(question)
    about_keys = [r for r in remarks if marked and r.code in _KEYS and (marked > 1 or r.code != _BOXES)]
    right = _right_answer(question, cells)
    found = [*unlike(_in_cell(remark, cells, sources, right) for remark in remarks if remark not in about_keys)]
    if about_keys:
        params = {"cell": cells.key_cell, "key": cells.key, "n": marked}
        found.insert(0, replace(about_keys[0], code="QUESTION_CELL_KEYS", params=params, cell=cells.key_cell))
    return found


def _right_answer(question: Question, cells: RowCells) -> str:
    """The cell of the first right answer; of the question where there is none."""
    answers = question.answers if isinstance(question, MultichoiceQuestion) else ()
    pairs = zip(answers, cells.answers, strict=False)
    return next((cell for answer, (cell, _) in pairs if answer.fraction == 1), cells.places["text"])


def _in_cell(remark: Remark, cells: RowCells, sources: Mapping[str, Source], right: str) -> Remark:
    if remark.code == "BANK_OPTION_COUNT" and cells.empty and _number(remark, "n") < _number(remark, "expected"):
        return _with_empty_cells(remark, cells)
    if remark.code == "QUESTION_CITATION" or remark.code in _SOURCE_CELLS:
        return _about_source(remark, cells, sources)
    if remark.code == NO_TOPIC and "tags" not in cells.places:  # no cell for it: the form names it
        return replace(remark, code="QUESTION_TOPIC_FORM", cell=cells.places["text"])
    if remark.code == "QUESTION_DIFFICULTY":
        where = _place(cells, "difficulty", "tags")
        return replace(remark, code="QUESTION_CELL_DIFFICULTY", params={**remark.params, "cell": where}, cell=where)
    return replace(remark, cell=right if remark.code in _OF_THE_KEY else _where(remark, cells))


def _where(remark: Remark, cells: RowCells) -> str:
    """The cell a finding is about: of the topic, the key, the answer or the words it names; else of the question."""
    if remark.code in ("QUESTION_TOPIC", NO_TOPIC):
        return _place(cells, "tags")
    if remark.code == "BANK_TWIN_KEY":
        return _place(cells, "key")
    texts = ((cells.places["text"], cells.text), *cells.answers)
    if "word" in remark.params:
        word = str(remark.params["word"])
        return ", ".join(cell for cell, text in texts if word in _words(text)) or cells.places["text"]
    if remark.code == "BANK_TWIN_FIGURES":
        shown = str(remark.params["found"])
        return next((cell for cell, text in texts if figures_of(text) == shown), cells.places["text"])
    places = [int(str(remark.params[name])) for name in ("first", "second", "place") if name in remark.params]
    named = [cells.answers[place - 1][0] for place in places if 0 < place <= len(cells.answers)]
    return ", ".join(named) or cells.places["text"]


def _place(cells: RowCells, *fields: str) -> str:
    """The cell of the first of these columns that the sheet has; else of the question."""
    return next((cells.places[name] for name in fields if name in cells.places), cells.places["text"])


def _words(text: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFC", text))


def _with_empty_cells(remark: Remark, cells: RowCells) -> Remark:
    where = ", ".join(cells.empty[: _number(remark, "expected") - _number(remark, "n")])
    return replace(remark, code="QUESTION_CELL_OPTIONS", params={**remark.params, "cells": where}, cell=where)


def _about_source(remark: Remark, cells: RowCells, sources: Mapping[str, Source]) -> Remark:
    where = _place(cells, "source", "tags")
    if remark.code == "QUESTION_CITATION":
        params: dict[str, object] = {"cell": where, "example": f"{next(iter(sources), 'act')}#{UNVERIFIED}"}
        if "source" not in cells.places:  # no cell for it: the column itself is missing
            return replace(remark, code="QUESTION_COLUMN_SOURCE", params=params, cell=_place(cells, "text"))
        return replace(remark, code="QUESTION_CELL_SOURCE_NONE", params=params, cell=where)
    code = _SOURCE_CELLS[remark.code]
    return replace(remark, code=code, params={**remark.params, "cell": where}, cell=where)


def of_the_sheet(remark: Remark, cells: RowCells | None) -> Remark:
    """What the reading of a sheet says, with its cell: the answer's own where the same answer stands twice; what it
    says of a key as a bank says it.
    """
    if remark.code in _WITH_CELLS:
        return replace(remark, cell=str(remark.params["cells"]))
    if cells is not None and remark.code in _OF_KEYS:
        remark = replace(remark, code=_OF_KEYS[remark.code], params=_about_key(remark, cells))
    if cells is not None and remark.code in _SAME:
        texts = Counter(text.casefold() for _, text in cells.answers)
        same = ", ".join(cell for cell, text in cells.answers if texts[text.casefold()] > 1)
        if same:
            return replace(remark, code=_SAME[remark.code], params={**remark.params, "cells": same}, cell=same)
    return replace(remark, cell=cell_name(remark.line, remark.column - 1)) if remark.column else remark


def _about_key(remark: Remark, cells: RowCells) -> dict[str, object]:
    params = {"cell": cells.key_cell, "key": cells.key, **remark.params}
    return params | ({"n": _number(remark, "n")} if "n" in remark.params else {})


def _number(remark: Remark, name: str) -> int:
    return int(str(remark.params[name]))


def in_list(remarks: Sequence[Remark], question: Question) -> list[Remark]:
    """What the rules say of a question of a Word list, without signs that only GIFT has."""
    marked = _marked(question)
    about_keys = [remark for remark in remarks if remark.code in _KEYS]
    told = [replace(remark, code="QUESTION_LIST_KEYS", params={"n": marked}) for remark in about_keys[:1]]
    return told + [remark for remark in remarks if remark not in about_keys]


def of_the_form(remark: Remark) -> Remark:
    """What a file without columns does not say is chosen on the page of the import."""
    return replace(remark, code=_ON_THE_FORM.get(remark.code, remark.code))


def _marked(question: Question) -> int:
    """How many answers the row's key names."""
    if not isinstance(question, MultichoiceQuestion):
        return 0
    return sum(answer.fraction > 0 for answer in question.answers)
