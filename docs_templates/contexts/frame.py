"""What every paper carries: letterhead, number and date, rules applied, footer, the file's own properties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from docs_templates.contexts.dates import NBSP, long_date
from docs_templates.contexts.text import required, side
from docs_templates.words import Words
from flask_app.ports.paper import AppliedRule, Bilingual, PaperFrame, PaperKind


@dataclass(frozen=True, slots=True)
class TemplateStamp:
    """Which template made a paper: `D16`, `1.0.0+3f2a9c01` (version and the start of the file's SHA-256)."""

    kind: PaperKind
    version: str


@dataclass(frozen=True, slots=True)
class FrameText:
    """`number` and `date` are blanks to be filled by hand while the paper is a draft."""

    body_name: str
    address: str
    place: str
    number: str
    date: str
    registered_on: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """`source` is the act with its point; a point that no source confirms is printed as such."""

    number: int
    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class SignatureLine:
    label: str
    name: str


@dataclass(frozen=True, slots=True)
class Properties:
    """The file's own properties (docProps/core.xml). `happened_on` stands for its creation: same facts, same file."""

    title: str
    subject: str
    author: str
    last_author: str
    identifier: str
    status: str
    happened_on: date


def frame_text(frame: PaperFrame, words: Words) -> FrameText:
    head = frame.letterhead
    registered = frame.registration
    if registered is None:
        number, day = words.say("common.number_blank"), words.say("common.date_blank")
    else:
        number = words.say("common.number", number=required(registered.number, "registration.number"))
        day = long_date(registered.date, words.language)
    return FrameText(
        body_name=side(words, head.name, "letterhead.name"),
        address=side(words, head.address, "letterhead.address"),
        place=side(words, head.place, "letterhead.place"),
        number=number,
        date=day,
        registered_on=words.say("common.registered_on", date=day),
    )


def footer(frame: PaperFrame, stamp: TemplateStamp) -> str:
    """`kg-mun-2006 v1 · D16 1.0.0+3f2a9c01 · <document id>`: how the paper can be made again."""
    pack = required(frame.rule_pack, "rule_pack")
    return f"{pack} · {stamp.kind} {stamp.version} · {required(frame.document_id, 'document_id')}"


def rule_lines(rules: Iterable[AppliedRule], words: Words) -> tuple[RuleLine, ...]:
    return tuple(_rule_line(number, rule, words) for number, rule in enumerate(rules, 1))


def rule_source(act: Bilingual, point: str, words: Words) -> str:
    """The act and its point; a point that no source confirms is printed as such."""
    point = required(point, "rule.point")
    return words.say(
        "common.rule_point",
        act=side(words, act, "rule.act").replace("№ ", f"№{NBSP}"),
        point=words.say("common.unverified") if point == "unverified" else point,
    )


def _rule_line(number: int, rule: AppliedRule, words: Words) -> RuleLine:
    return RuleLine(
        number=number,
        name=side(words, rule.name, "rule.name"),
        value=side(words, rule.value, "rule.value"),
        source=rule_source(rule.act, rule.point, words),
    )


def properties(frame: PaperFrame, title: str, words: Words, happened_on: date) -> Properties:
    """In the language of the original. The subject is number and date, as they stand on the paper."""
    text = frame_text(frame, words)
    return Properties(
        title=title,
        subject=f"{text.number}, {text.date}",
        author=text.body_name,
        last_author=required(frame.author_login, "author_login"),
        identifier=required(frame.document_id, "document_id"),
        status="Draft" if frame.registration is None else "Final",
        happened_on=happened_on if frame.registration is None else frame.registration.date,
    )
