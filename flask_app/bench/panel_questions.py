"""What is sat in the measurement: the questions of the banks that ship, drawn into papers by the blocks of the pack."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_app.domain.rule_pack import RulePack
from question_banks.bank import Bank, content_hash
from question_banks.model import MultichoiceQuestion


@dataclass(frozen=True, slots=True)
class Version:
    """A question in one language. `right`: its key; `wrong`: its other options."""

    idnumber: str
    content_hash: str
    right: str
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on a paper; `versions` by language."""

    block: str
    group: str
    versions: Mapping[str, Version]


Paper = Sequence[Asked]


class QuestionPapers:
    """Each paper has the pack's number of questions from each block, in the order of the pack."""

    def __init__(self, banks: Sequence[Bank], pack: RulePack, chance: random.Random) -> None:
        self._pools = {bank.block: _pool(bank) for bank in banks}
        self._blocks = [(block.id, block.count) for block in pack.test.blocks]
        self._chance = chance

    def draw(self) -> Paper:
        return [asked for block, count in self._blocks for asked in self._chance.sample(self._pools[block], count)]


def _pool(bank: Bank) -> list[Asked]:
    return [
        Asked(
            bank.block,
            group.id,
            {
                language: _version(question)
                for language, question in group.versions.items()
                if isinstance(question, MultichoiceQuestion)
            },
        )
        for group in bank.items
    ]


def _version(question: MultichoiceQuestion) -> Version:
    return Version(
        question.idnumber,
        content_hash(question),
        next(answer.text for answer in question.answers if answer.fraction == 1),
        tuple(answer.text for answer in question.answers if answer.fraction != 1),
    )
