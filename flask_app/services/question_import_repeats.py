"""Questions of a file that ask what the bank, a draft or the file itself asks already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask_app.services.question_drafts import Frame, as_probe, owners_of, repeated, repeats_exactly
from flask_app.services.question_findings import Remark
from gift_export.reader import read
from question_banks.duplicates import Probe, Wording
from question_banks.model import Question

REPEATED_IN_FILE: Final = "QUESTION_REPEATED_IN_FILE"
_IN_FILE: Final = {
    "QUESTION_ALIKE": "QUESTION_ALIKE_IN_FILE",
    "QUESTION_KEY_CONTRADICTS": "QUESTION_KEY_CONTRADICTS_IN_FILE",
}
SAME_AGAIN: Final = "W_DUPLICATE_QUESTION"
_ANSWER_TWICE: Final = frozenset({"BANK_OPTION_TWICE", "BANK_OPTION_TWICE_ALIKE"})
_SEVERAL: Final = frozenset({"BANK_KEY_SEVERAL", "BANK_KEY_BOXES", "QUESTION_CELL_KEYS", "QUESTION_LIST_KEYS"})
TOLD_BY: Final[Mapping[str, frozenset[str]]] = {
    SAME_AGAIN: frozenset({"QUESTION_REPEATED", REPEATED_IN_FILE}),
    "W_DUPLICATE_ANSWER": _ANSWER_TWICE,
    "QUESTION_CELL_SAME": _ANSWER_TWICE,
    "W_MULTI_CORRECT": _SEVERAL,
    "W_WORD_SEVERAL_KEYS": _SEVERAL,
}
"""What the reading of the file finds → the errors of the bank that say the same."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the file, by language; `lines`: where each language of it stands; `line`: where it begins."""

    questions: Mapping[str, Question]
    lines: Mapping[str, int]
    line: int


class Repeats:
    """`asked`: the file's questions by twin group; `held`: the texts the panel has in hand, by group and language."""

    def __init__(self, frame: Frame, asked: Mapping[str, Asked], held: Mapping[str, Mapping[str, str]]) -> None:
        self._frame = frame
        self._asked = asked
        self._alike = repeated(frame, {group: one.questions for group, one in asked.items()})
        self._held = owners_of(_drafted({group: texts for group, texts in held.items() if group not in asked}))
        self._taken: dict[Wording, tuple[str, ...]] = {}

    def of(self, group: str, *, exactly: bool) -> list[Remark]:
        """What the question repeats: word for word as an error, and only otherwise nearly."""
        questions = self._asked[group].questions
        exact = [*repeats_exactly(self._held, group, questions, self._frame.code)] if exactly else []
        beside = [*repeats_exactly(self._taken, group, questions, "")] if exactly else []
        if exact or beside:
            return [*exact, *(self._in_file(remark, REPEATED_IN_FILE) for remark in beside)]
        return [
            self._in_file(remark, _IN_FILE[remark.code]) if remark.params["other"] in self._asked else remark
            for remark in self._alike.get(group, ())
        ]

    def take(self, group: str) -> None:
        """The question would be written: what repeats it further down the file is a repetition of it."""
        mine = [as_probe(group, language, one) for language, one in self._asked[group].questions.items()]
        self._taken |= {said: owners for said, owners in owners_of(mine).items() if said not in self._taken}

    def _in_file(self, remark: Remark, code: str) -> Remark:
        other = self._asked[str(remark.params["other"])]
        return replace(remark, code=code, params={**remark.params, "row": other.lines.get(remark.language, other.line)})


def told_once(remarks: Sequence[Remark]) -> tuple[Remark, ...]:
    """What refuses a question is not told a second time, as the reading of the file found it."""
    said = {(remark.code, remark.language) for remark in remarks}
    return tuple(
        remark
        for remark in remarks
        if not any((code, remark.language) in said for code in TOLD_BY.get(remark.code, ()))
    )


def _drafted(held: Mapping[str, Mapping[str, str]]) -> list[Probe]:
    """What the panel has in hand beside the file and can be read."""
    return [
        as_probe(group, language, questions[0])
        for group, texts in held.items()
        for language, text in texts.items()
        if len(questions := read(text).questions) == 1
    ]
