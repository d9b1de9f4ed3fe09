"""What a spreadsheet says in its author's words: topics by code or title, findings at the cell that is meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from flask_app.services.question_drafts import Frame, Remark
from gift_export.sheet_reader import RowCells
from question_banks.bank import DIFFICULTY_TAG, SOURCE_TAG, TOPIC_TAG
from question_banks.model import MultichoiceQuestion, Question

TYPED_MOST: Final = 100
"""Characters of an unknown topic that are quoted."""
_BOXES: Final = "BANK_KEY_BOXES"
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


def in_cells(remarks: Sequence[Remark], question: Question, cells: RowCells) -> list[Remark]:
    """What the rules say of a row's key and answers, said of its cells instead of signs that only GIFT has."""
    marked = _marked(question)
    about_keys = [r for r in remarks if marked and r.code in _KEYS and (marked > 1 or r.code != _BOXES)]
    found = [_in_cell(remark, cells) for remark in remarks if remark not in about_keys]
    if about_keys:
        params = {"cell": cells.key_cell, "key": cells.key, "n": marked}
        found.insert(0, replace(about_keys[0], code="QUESTION_CELL_KEYS", params=params))
    return found


def _in_cell(remark: Remark, cells: RowCells) -> Remark:
    if remark.code == "BANK_OPTION_COUNT" and cells.empty and _number(remark, "n") < _number(remark, "expected"):
        lacking = _number(remark, "expected") - _number(remark, "n")
        params = {**remark.params, "cells": ", ".join(cells.empty[:lacking])}
        return replace(remark, code="QUESTION_CELL_OPTIONS", params=params)
    return remark


def _number(remark: Remark, name: str) -> int:
    return int(str(remark.params[name]))


def _marked(question: Question) -> int:
    """How many answers the row's key names."""
    if not isinstance(question, MultichoiceQuestion):
        return 0
    return sum(answer.fraction > 0 for answer in question.answers)
