"""D11, the test result sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docs_templates.contexts.dates import long_date, short_moment
from docs_templates.contexts.figures import decimal
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
from docs_templates.contexts.text import DASH, optional, required, side
from docs_templates.words import Vocabulary, Words
from flask_app.ports.paper import ResultRow, TestResultSheet


@dataclass(frozen=True, slots=True)
class ResultLine:
    """`blocks` in the order of the sheet's `blocks`; a person who did not come has dashes and says so in `passed`."""

    number: int
    name: str
    form: str
    attempt: str
    finished: str
    blocks: tuple[str, ...]
    total: str
    percent: str
    passed: str
    reserve: str


@dataclass(frozen=True, slots=True)
class SheetText:
    frame: FrameText
    position: str
    session: str
    thresholds: str
    blocks: tuple[str, ...]
    rows: tuple[ResultLine, ...]
    summary: str
    banks: str
    seed: str
    hash: str
    rules: tuple[RuleLine, ...]
    signatures: tuple[SignatureLine, ...]


@dataclass(frozen=True, slots=True)
class SheetContext:
    ky: SheetText
    ru: SheetText
    footer: str
    properties: Properties


def sheet_context(facts: TestResultSheet, vocabulary: Vocabulary, stamp: TemplateStamp) -> SheetContext:
    ky = vocabulary["ky"]
    return SheetContext(
        ky=_text(facts, ky),
        ru=_text(facts, vocabulary["ru"]),
        footer=footer(facts.frame, stamp),
        properties=properties(facts.frame, ky.say("result_sheet.title"), ky, facts.session_on),
    )


def _text(facts: TestResultSheet, words: Words) -> SheetText:
    return SheetText(
        frame=frame_text(facts.frame, words),
        position=words.say("result_sheet.position", position=side(words, facts.position, "position")),
        session=words.say(
            "result_sheet.session",
            date=long_date(facts.session_on, words.language),
            place=side(words, facts.session_place, "session_place"),
        ),
        thresholds=words.say("result_sheet.thresholds", passing=facts.pass_percent, reserve=facts.reserve_percent),
        blocks=tuple(side(words, name, "block_names") for name in facts.block_names),
        rows=tuple(_line(number, row, words) for number, row in enumerate(facts.rows, 1)),
        summary=_summary(facts, words),
        banks=words.say("result_sheet.banks", versions=_banks(facts)),
        seed=words.say("result_sheet.seed", seed=required(facts.selection_seed, "selection_seed")),
        hash=words.say("result_sheet.hash", sha256=required(facts.attempts_sha256, "attempts_sha256")),
        rules=rule_lines(facts.rules, words),
        signatures=_signatures(facts, words),
    )


def _banks(facts: TestResultSheet) -> str:
    return ", ".join(required(version, "bank_versions") for version in facts.bank_versions) or DASH


def _summary(facts: TestResultSheet, words: Words) -> str:
    rows = facts.rows
    return words.say(
        "result_sheet.summary",
        listed=len(rows),
        present=sum(row.present for row in rows),
        passed=sum(row.passed for row in rows),
        reserve=sum(row.reserve_eligible for row in rows),
    )


def _line(number: int, row: ResultRow, words: Words) -> ResultLine:
    return ResultLine(
        number=number,
        name=required(row.name, "row.name"),
        form=optional(row.form_code, "row.form_code"),
        attempt=DASH if row.attempt_id is None else str(row.attempt_id),
        finished=DASH if row.finished_at is None else short_moment(row.finished_at),
        **_figures(row, words),
    )


def _figures(row: ResultRow, words: Words) -> dict[str, Any]:
    if not row.present:
        dashes = tuple(DASH for _ in row.blocks)
        return {
            "blocks": dashes,
            "total": DASH,
            "percent": DASH,
            "passed": words.say("result_sheet.absent"),
            "reserve": DASH,
        }
    return {
        "blocks": tuple(_of(right, of, words) for right, of in row.blocks),
        "total": _of(row.total, row.maximum, words),
        "percent": decimal(row.percent, "row.percent"),
        "passed": _yes(row.passed, words),
        "reserve": _yes(row.reserve_eligible, words),
    }


def _of(right: int, of: int, words: Words) -> str:
    return words.say("result_sheet.of", right=right, of=of)


def _yes(answer: bool, words: Words) -> str:
    return words.say("common.yes" if answer else "common.no")


def _signatures(facts: TestResultSheet, words: Words) -> tuple[SignatureLine, ...]:
    people = (("proctor", facts.proctor), ("secretary", facts.secretary), ("chair", facts.chair))
    return tuple(SignatureLine(words.say(f"common.{role}"), required(name, role)) for role, name in people)
