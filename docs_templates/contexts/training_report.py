"""D53, the yearly report on training."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from docs_templates.contexts.dates import short_date
from docs_templates.contexts.figures import mark, money, number, percent
from docs_templates.contexts.frame import (
    FrameText,
    Properties,
    RuleLine,
    SignatureLine,
    TemplateStamp,
    footer,
    frame_text,
    properties,
    rule_lines,
)
from docs_templates.contexts.text import DASH, optional, optional_side, required, side
from docs_templates.words import Vocabulary, Words
from flask_app.ports.paper import TrainingPersonRow, TrainingReport, TrainingStageRow


@dataclass(frozen=True, slots=True)
class StageLine:
    number: int
    name: str
    date: str
    note: str


@dataclass(frozen=True, slots=True)
class LearnerLine:
    number: int
    name: str
    programme: str
    institution: str
    hours: int
    result: str
    document: str


@dataclass(frozen=True, slots=True)
class ReportText:
    """Money in som; `covered` is the share of the planned persons who completed, `–` when none were planned."""

    frame: FrameText
    year: str
    order: str
    stages: tuple[StageLine, ...]
    body_funds: str
    money_planned: str
    money_spent: str
    share: str
    share_required: str
    share_verdict: str
    persons_planned: int
    persons_enrolled: int
    persons_completed: int
    covered: str
    people: tuple[LearnerLine, ...]
    summary: str
    rules: tuple[RuleLine, ...]
    signatures: tuple[SignatureLine, ...]


@dataclass(frozen=True, slots=True)
class ReportContext:
    ky: ReportText
    ru: ReportText
    footer: str
    properties: Properties


def report_context(facts: TrainingReport, vocabulary: Vocabulary, stamp: TemplateStamp) -> ReportContext:
    ky = vocabulary["ky"]
    text = _text(facts, ky)
    return ReportContext(
        ky=text,
        ru=_text(facts, vocabulary["ru"]),
        footer=footer(facts.frame, stamp),
        properties=properties(facts.frame, f"{ky.say('training_report.title')}, {text.year}", ky, _last_day(facts)),
    )


def _text(facts: TrainingReport, words: Words) -> ReportText:
    return ReportText(
        frame=frame_text(facts.frame, words),
        year=words.say("training_report.year", year=facts.year),
        order=words.say("training_report.order", number=required(facts.order_number, "order_number")),
        stages=tuple(_stage(place, stage, words) for place, stage in enumerate(facts.stages, 1)),
        body_funds=money(facts.body_funds, "body_funds"),
        money_planned=money(facts.money_planned, "money_planned"),
        money_spent=money(facts.money_spent, "money_spent"),
        share=percent(facts.share_percent, "share_percent"),
        share_required=percent(facts.share_required_percent, "share_required_percent"),
        share_verdict=_verdict(facts, words),
        persons_planned=facts.persons_planned,
        persons_enrolled=facts.persons_enrolled,
        persons_completed=facts.persons_completed,
        covered=_covered(facts),
        people=tuple(_learner(place, person, words) for place, person in enumerate(facts.people, 1)),
        summary=words.say(
            "training_report.summary", enrolled=facts.persons_enrolled, completed=facts.persons_completed
        ),
        rules=rule_lines(facts.rules, words),
        signatures=_signatures(facts, words),
    )


def _stage(place: int, stage: TrainingStageRow, words: Words) -> StageLine:
    day = DASH if stage.happened_on is None else short_date(stage.happened_on)
    return StageLine(place, side(words, stage.name, "stage.name"), day, optional_side(words, stage.note, "stage.note"))


def _learner(place: int, person: TrainingPersonRow, words: Words) -> LearnerLine:
    return LearnerLine(
        number=place,
        name=required(person.name, "person.name"),
        programme=side(words, person.programme, "person.programme"),
        institution=side(words, person.institution, "person.institution"),
        hours=person.hours,
        result=_result(person, words),
        document=optional(person.document_number, "person.document_number"),
    )


def _result(person: TrainingPersonRow, words: Words) -> str:
    result, score = words.say(f"training_report.result_{person.result}"), mark(person.score, "person.score")
    return result if score == DASH else f"{result}, {score}"


def _verdict(facts: TrainingReport, words: Words) -> str:
    share = number(facts.share_percent, "share_percent")
    met = share >= number(facts.share_required_percent, "share_required_percent")
    return words.say("training_report.share_met" if met else "training_report.share_missed")


def _covered(facts: TrainingReport) -> str:
    if not facts.persons_planned:
        return DASH
    share = Decimal(facts.persons_completed) * 100 / facts.persons_planned
    return percent(str(share.quantize(Decimal("0.1"), ROUND_HALF_UP)), "persons_completed")


def _last_day(facts: TrainingReport) -> date:
    """The latest stage that has a date; a report without one is dated by the end of its year."""
    days = [stage.happened_on for stage in facts.stages if stage.happened_on is not None]
    return max(days, default=date(facts.year, 12, 31))


def _signatures(facts: TrainingReport, words: Words) -> tuple[SignatureLine, ...]:
    return (
        SignatureLine(words.say("common.hr"), required(facts.hr_name, "hr_name")),
        SignatureLine(side(words, facts.head_post, "head_post"), required(facts.head_name, "head_name")),
    )
