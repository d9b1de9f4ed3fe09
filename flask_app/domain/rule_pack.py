"""A rule pack: the parameters of one regime, each with the act, the point and the line of the source it comes from.

Packs are data (`flask_app/store/rule_packs/*.toml`). A procedure freezes its pack when it is announced: `model_dump` is
what is kept, `RulePack.model_validate` brings it back.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from flask_app.domain.deadlines import Term, Unit
from flask_app.domain.errors import Rule
from flask_app.domain.scoring import Condition
from flask_app.domain.voting import TieRule, VotingRules


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Part):
    """A text of the pack in the languages of the jurisdiction."""

    ky: str = ""
    ru: str
    kk: str = ""


class Act(Part):
    """A legal act. `number` and `adopted` as the source document gives them."""

    title: Text
    number: str
    adopted: date
    source: str

    def named(self, language: str) -> str:
        """Title and number in a language; empty where the pack has no title in it.

        In Kyrgyz the number stands inside the title, before the word "decree": behind the title it would be the number
        of what the decree approves.
        """
        title: str = getattr(self.title, language, "")
        return f"{title} № {self.number}" if title and self.number and "№" not in title else title


class Sourced(Part):
    """A parameter with its origin. `act`: a key of the pack's acts; `point` is "unverified" until somebody saw it."""

    act: str
    point: str = "unverified"
    source: str


class DayTerm(Sourced):
    days: int = Field(ge=0)
    unit: Unit

    @property
    def term(self) -> Term:
        return Term(self.days, self.unit)


class Block(Part):
    """A block of the test: `count` questions of the bank of this id."""

    id: str
    title: Text
    count: int = Field(gt=0)


class Threshold(Sourced):
    """One condition of a set (see `scoring.Condition`)."""

    scope: str = "total"
    min_percent: int | None = Field(default=None, ge=0, le=100)
    min_mark: Decimal | None = None

    @property
    def condition(self) -> Condition:
        return Condition(self.scope, self.min_percent, self.min_mark)


class Test(Sourced):
    """`duration_minutes` is set by the body where the source is silent."""

    __test__ = False  # not a test class for pytest

    blocks: tuple[Block, ...]
    duration_minutes: int = Field(gt=0)
    attempts: int = Field(default=1, gt=0)
    notice: DayTerm
    interview_if: tuple[Threshold, ...]
    reserve_if: tuple[Threshold, ...]

    @property
    def questions(self) -> int:
        return sum(block.count for block in self.blocks)


class Ground(Sourced):
    """A ground for refusing admission; the list is closed."""

    id: str
    title: Text


class Interview(Sourced):
    """`scale_max`: the highest mark a member may give; competences as the source lists them."""

    scale_max: int = Field(gt=0)
    competences: tuple[Text, ...]


class Commission(Sourced):
    """`quorum` as "2/3"; empty = the pack sets none."""

    quorum: str = ""
    tie: TieRule = "no_winner"
    secretary_votes: bool = False

    def voting_rules(self, rule: Rule) -> VotingRules:
        return VotingRules(rule, Fraction(self.quorum) if self.quorum else None, self.tie)


class Probation(Sourced):
    max_months: int = Field(ge=0)


class Announcement(Sourced):
    """The items without which the text may not go out."""

    items: tuple[str, ...]


class Training(Sourced):
    min_budget_percent: Decimal = Field(ge=0)
    stages: tuple[str, ...]


class RulePack(Part):
    """One regime. `status`: how far it is in force; `applies_from` and `applies_to` bound the announcement's date."""

    id: str
    version: int = Field(gt=0)
    title: Text
    jurisdiction: Literal["KG", "KZ"]
    status: Text
    applies_from: date
    applies_to: date | None = None
    languages: tuple[Literal["ky", "ru", "kk"], ...]
    acts: dict[str, Act]
    announcement: Announcement
    internal_first: Sourced
    documents: Sourced
    required_documents: tuple[str, ...]
    admission_grounds: tuple[Ground, ...]
    test: Test
    interview: Interview
    commission: Commission
    appointment: DayTerm
    reserve: Sourced
    probation: Probation
    training: Training

    @property
    def label(self) -> str:
        return f"{self.id} v{self.version}"

    def rule(self, parameter: Sourced) -> Rule:
        """The rule behind a parameter, ready for an error or a protocol."""
        return Rule(self.acts[parameter.act].named("ru"), parameter.point, parameter.source, self.label)

    def ground(self, ground_id: str) -> Ground | None:
        return next((ground for ground in self.admission_grounds if ground.id == ground_id), None)

    @model_validator(mode="after")
    def _consistent(self) -> RulePack:
        for parameter in self._sourced():
            if parameter.act not in self.acts:
                raise ValueError(f"{parameter.source}: unknown act {parameter.act}")
        block_ids = [block.id for block in self.test.blocks]
        if len(set(block_ids)) != len(block_ids):
            raise ValueError("a block of the test stands twice")
        for threshold in (*self.test.interview_if, *self.test.reserve_if):
            if threshold.scope not in {"total", *block_ids}:
                raise ValueError(f"threshold on an unknown block {threshold.scope}")
            _ = threshold.condition
        return self

    def _sourced(self) -> tuple[Sourced, ...]:
        return (
            self.announcement,
            self.internal_first,
            self.documents,
            *self.admission_grounds,
            self.test,
            self.test.notice,
            *self.test.interview_if,
            *self.test.reserve_if,
            self.interview,
            self.commission,
            self.appointment,
            self.reserve,
            self.probation,
            self.training,
        )
