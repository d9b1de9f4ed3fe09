"""The order of the acts around an announcement: sent to agreement, agreed, published, announced.

Each function compares two days and yields the refusal, if there is one; an equal day is in order. A day that is not
known yet stands in nobody's way. That the text is agreed before it is published is a rule of the act (S003 L94); the
rest is the plain order in which things can happen and cites no rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_app.domain.errors import Rule
from flask_app.domain.workflow import Refusal


def agreed_before_sending(agreed_on: date, sent_on: date | None) -> Iterable[Refusal]:
    """Nobody agrees a text that has not been sent to them yet."""
    if sent_on is not None and agreed_on < sent_on:
        yield Refusal("competition.agreed_before_sending", params={"agreed": agreed_on, "sent": sent_on})


def published_before_sending(published_on: date, sent_on: date | None, rule: Rule) -> Iterable[Refusal]:
    """Before the text went to agreement it cannot have been agreed, so nothing may have come out (S003 L94)."""
    if sent_on is not None and published_on < sent_on:
        yield Refusal("competition.published_before_sending", rule, {"published": published_on, "sent": sent_on})


def published_before_agreement(published_on: date, agreed_on: date | None, rule: Rule) -> Iterable[Refusal]:
    """The text is agreed first, then published (S003 L94)."""
    if agreed_on is not None and published_on < agreed_on:
        yield Refusal("competition.published_before_agreement", rule, {"published": published_on, "agreed": agreed_on})


def announced_before_publication(announced_on: date, published_on: date) -> Iterable[Refusal]:
    """`published_on`: the first publication that counts. A competition is announced by what came out, not before."""
    if announced_on < published_on:
        yield Refusal(
            "competition.announced_before_publication", params={"announced": announced_on, "published": published_on}
        )
