"""D19, the order of appointment."""

from __future__ import annotations

from dataclasses import dataclass

from docs_templates.contexts.dates import act_reference, since
from docs_templates.contexts.frame import FrameText, Properties, TemplateStamp, footer, frame_text, properties
from docs_templates.contexts.text import required, side
from docs_templates.words import Vocabulary, Words
from flask_app.ports.paper import AppointmentOrder


@dataclass(frozen=True, slots=True)
class OrderText:
    """`basis` ends with the commission's protocol; `probation` is a whole sentence."""

    frame: FrameText
    basis: tuple[str, ...]
    position: str
    unit: str
    category: str
    appointee: str
    appointed_from: str
    probation: str
    acquaint: str
    head_post: str
    head_name: str


@dataclass(frozen=True, slots=True)
class OrderContext:
    ky: OrderText
    ru: OrderText
    footer: str
    properties: Properties


def order_context(facts: AppointmentOrder, vocabulary: Vocabulary, stamp: TemplateStamp) -> OrderContext:
    ky = vocabulary["ky"]
    return OrderContext(
        ky=_text(facts, ky),
        ru=_text(facts, vocabulary["ru"]),
        footer=footer(facts.frame, stamp),
        properties=properties(facts.frame, ky.say("order.heading"), ky, facts.protocol.date),
    )


def _text(facts: AppointmentOrder, words: Words) -> OrderText:
    appointee = required(facts.appointee, "appointee")
    return OrderText(
        frame=frame_text(facts.frame, words),
        basis=_basis(facts, words),
        position=side(words, facts.position, "position"),
        unit=side(words, facts.unit, "unit"),
        category=side(words, facts.category, "category"),
        appointee=appointee,
        appointed_from=since(facts.appointed_from, words.language),
        probation=_probation(facts.probation_months, words),
        acquaint=words.say("order.acquaint", name=appointee),
        head_post=side(words, facts.head_post, "head_post"),
        head_name=required(facts.head_name, "head_name"),
    )


def _basis(facts: AppointmentOrder, words: Words) -> tuple[str, ...]:
    number = required(facts.protocol.number, "protocol.number")
    protocol = words.say("order.basis_protocol", reference=act_reference(facts.protocol.date, number, words.language))
    return (*(side(words, line, "basis") for line in facts.basis), protocol)


def _probation(months: int, words: Words) -> str:
    return words.say("order.probation", months=months) if months else words.say("order.no_probation")
