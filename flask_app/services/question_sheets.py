"""What a spreadsheet says in its author's words: topics by code or title, findings at the cell that is meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from flask_app.messages import LANGUAGES, label
from flask_app.services.question_drafts import Frame, Remark
from gift_export.sheet_layout import cell_name
from gift_export.sheet_reader import RowCells
from question_banks.bank import DIFFICULTIES, DIFFICULTY_TAG, SOURCE_TAG, TOPIC_TAG, UNVERIFIED, Source
from question_banks.model import MultichoiceQuestion, Question

TYPED_MOST: Final = 100
"""Characters of an unknown topic that are quoted."""
_BOXES: Final = "BANK_KEY_BOXES"
_SAME: Final = {"E_DUPLICATE_ANSWER": "QUESTION_CELL_SAME_RIGHT", "W_DUPLICATE_ANSWER": "QUESTION_CELL_SAME"}
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
    names = {_folded(title): source.id for source in sources.values() for title in source.titles.values()}
    return question._replace(tags=tuple(_as_rules_know(tag, sources, names) for tag in question.tags))


def _as_rules_know(tag: str, sources: Mapping[str, Source], names: Mapping[str, str]) -> str:
    if tag.startswith(DIFFICULTY_TAG):
        said = _folded(tag.removeprefix(DIFFICULTY_TAG))
        return DIFFICULTY_TAG + _difficulties().get(said, said)
    if not tag.startswith(SOURCE_TAG):
        return tag
    said = tag.removeprefix(SOURCE_TAG).strip()
    act, _, point = said.partition("#")
    code, _, title = act.strip().partition(" ")
    named = names.get(_folded(title.strip(" –—-"))) == code  # the list of acts says "code – title"
    known = code if code in sources and (not title or named) else names.get(_folded(act), "")
    return f"{SOURCE_TAG}{known}#{point.strip() or UNVERIFIED}" if known else f"{SOURCE_TAG}{said}"


@cache
def _difficulties() -> Mapping[str, str]:
    """What a difficulty may be called, in any language → as rules know it."""
    return {
        _folded(word): known
        for known in DIFFICULTIES
        for language in LANGUAGES
        for word in (*label(f"gift_difficulty_{known}", language).split("; "), known)
    }


def in_cells(
    remarks: Sequence[Remark], question: Question, cells: RowCells, sources: Mapping[str, Source]
) -> list[Remark]:
    """What the rules say of a row, said of its cells instead of signs that only GIFT has."""
    marked = _marked(question)
    about_keys = [r for r in remarks if marked and r.code in _KEYS and (marked > 1 or r.code != _BOXES)]
    found = [_in_cell(remark, cells, sources) for remark in remarks if remark not in about_keys]
    if about_keys:
        params = {"cell": cells.key_cell, "key": cells.key, "n": marked}
        found.insert(0, replace(about_keys[0], code="QUESTION_CELL_KEYS", params=params, cell=cells.key_cell))
    return found


def _in_cell(remark: Remark, cells: RowCells, sources: Mapping[str, Source]) -> Remark:
    if remark.code == "BANK_OPTION_COUNT" and cells.empty and _number(remark, "n") < _number(remark, "expected"):
        lacking = _number(remark, "expected") - _number(remark, "n")
        where = ", ".join(cells.empty[:lacking])
        return replace(remark, code="QUESTION_CELL_OPTIONS", params={**remark.params, "cells": where}, cell=where)
    if remark.code in ("QUESTION_CITATION", "BANK_CITATION_DEAD"):
        return _about_source(remark, cells, sources)
    if remark.code in ("QUESTION_TOPIC", "QUESTION_TOPIC_NONE"):
        return replace(remark, cell=cells.places.get("tags", cells.places["text"]))
    return replace(remark, cell=cells.places["text"])


def _about_source(remark: Remark, cells: RowCells, sources: Mapping[str, Source]) -> Remark:
    where = cells.places.get("source") or cells.places.get("tags") or cells.places["text"]
    if remark.code == "QUESTION_CITATION":
        params: dict[str, object] = {"cell": where, "example": f"{next(iter(sources), 'act')}#{UNVERIFIED}"}
        return replace(remark, code="QUESTION_CELL_SOURCE_NONE", params=params, cell=where)
    source, point = str(remark.params["source"]), str(remark.params["point"])
    if source not in sources:
        params = {"cell": where, "said": source}
        return replace(remark, code="QUESTION_CELL_SOURCE", params=params, cell=where)
    params = {"cell": where, "said": point, "source": source, "known": ", ".join(sources[source].points)}
    return replace(remark, code="QUESTION_CELL_PLACE", params=params, cell=where)


def of_the_sheet(remark: Remark, cells: RowCells | None) -> Remark:
    """What the reading of a sheet says, with its cell: the answer's own where the same answer stands twice."""
    if cells is not None and remark.code in _SAME:
        texts = Counter(text.casefold() for _, text in cells.answers)
        same = ", ".join(cell for cell, text in cells.answers if texts[text.casefold()] > 1)
        if same:
            return replace(remark, code=_SAME[remark.code], params={**remark.params, "cells": same}, cell=same)
    return replace(remark, cell=cell_name(remark.line, remark.column - 1)) if remark.column else remark


def _number(remark: Remark, name: str) -> int:
    return int(str(remark.params[name]))


def _marked(question: Question) -> int:
    """How many answers the row's key names."""
    if not isinstance(question, MultichoiceQuestion):
        return 0
    return sum(answer.fraction > 0 for answer in question.answers)
