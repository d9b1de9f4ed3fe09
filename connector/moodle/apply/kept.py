"""What the ledger keeps of an answered call: enough for the report and for the next plan, and nothing about people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from connector.moodle.wire.answers import OUTCOMES
from connector.moodle.wire.records import ItemAnswer, ListAnswer
from connector.moodle.wire.shape import Part
from flask_app.ports.moodle import Outcome


def to_keep(answer: ListAnswer) -> Mapping[str, object]:
    """As plain JSON values."""
    return {
        "items": [
            {
                "name": item.name,
                "outcome": item.outcome,
                "message": item.message,
                "version": item.version,
                "entryid": item.entryid,
                "questionid": item.questionid,
            }
            for item in answer.items
        ]
    }


def from_kept(result: Mapping[str, object]) -> ListAnswer:
    """Raises `NotUnderstood` when the ledger holds something else under this key."""
    return ListAnswer(True, tuple(_item(part) for part in Part(result, "ledger")["items"].items()))


def _item(part: Part) -> ItemAnswer:
    return ItemAnswer(
        name=part["name"].text(),
        outcome=cast(Outcome, part["outcome"].word(OUTCOMES)),
        message=part["message"].text(),
        version=part["version"].whole(),
        entryid=part["entryid"].whole(),
        questionid=part["questionid"].whole(),
    )
