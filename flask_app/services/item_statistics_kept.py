"""The figures of a bank between the job that counts them and the pages that show them: kept, and brought back exactly.

Floats go into JSON with the digits that give the same float again, and PostgreSQL keeps those digits (its JSON numbers
are decimal). A `Decimal` in a piece of advice is kept under a name of its own, so that it comes back as one and is
written with the reader's comma.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import insert

from flask_app.services.office import Work
from flask_app.store.models.banks import BankFigures
from question_banks.statistics import Advice, Item, Reliability, TwinDifference

DECIMAL: Final = "decimal"

Advised = TypeVar("Advised", Item, TwinDifference)


@dataclass(frozen=True, slots=True)
class FormFigures:
    """A test as one form of it was sat."""

    test: str
    figures: Reliability


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted for one bank. `held`, `attempts`, `older` as in `BankFigures`."""

    held: int
    attempts: int
    older: int
    items: tuple[Item, ...]
    twins: tuple[TwinDifference, ...]
    forms: tuple[FormFigures, ...]


ITEMS: Final = TypeAdapter(tuple[Item, ...])
TWINS: Final = TypeAdapter(tuple[TwinDifference, ...])
FORMS: Final = TypeAdapter(tuple[FormFigures, ...])


def as_columns(figures: Figures) -> dict[str, Any]:
    """The columns of `BankFigures` that hold the figures, in JSON's own types."""
    return {
        "held": figures.held,
        "attempts": figures.attempts,
        "older": figures.older,
        "items": ITEMS.dump_python(tuple(map(_marked, figures.items)), mode="json"),
        "twins": TWINS.dump_python(tuple(map(_marked, figures.twins)), mode="json"),
        "forms": FORMS.dump_python(figures.forms, mode="json"),
    }


def items_of(kept: Sequence[Any]) -> tuple[Item, ...]:
    return tuple(map(_unmarked, ITEMS.validate_python(kept)))


def twins_of(kept: Sequence[Any]) -> tuple[TwinDifference, ...]:
    return tuple(map(_unmarked, TWINS.validate_python(kept)))


def forms_of(kept: Sequence[Any]) -> tuple[FormFigures, ...]:
    return FORMS.validate_python(kept)


# A page shows a few dozen of some hundred rows; these look at a kept row without bringing it back as a record.


def name_of_item(kept: Mapping[str, Any]) -> tuple[str, str]:
    """Group and language of a question's figures."""
    return kept["group"], kept["language"]


def name_of_twins(kept: Mapping[str, Any]) -> tuple[str, str]:
    """Group and first language of a difference."""
    return kept["group"], kept["first"]


def codes_of(kept: Mapping[str, Any]) -> list[str]:
    """What is advised on a question."""
    return [code for code, _ in kept["advice"]]


def marks_of(kept: Mapping[str, Any]) -> tuple[str, int, float]:
    """Group of a question in one language, how many answered it, and the sum of their marks."""
    return kept["group"], kept["n"], kept["n"] * kept["facility"]


def keep(work: Work, bank_id: UUID, figures: Figures) -> None:
    """In the place of the figures the bank had. What another worker counted later than this stays."""
    row = insert(BankFigures).values(
        id=work.office.ids.new(),
        body_id=work.actor.body_id,
        bank_id=bank_id,
        counted_at=work.now,
        **as_columns(figures),
    )
    told = ("counted_at", "held", "attempts", "older", "items", "twins", "forms")
    work.session.execute(
        row.on_conflict_do_update(
            index_elements=["bank_id"],
            set_={name: row.excluded[name] for name in told},
            where=BankFigures.counted_at <= row.excluded.counted_at,
        )
    )


def _marked(one: Advised) -> Advised:
    return replace(one, advice=_each(one.advice, _as_json)) if one.advice else one


def _unmarked(one: Advised) -> Advised:
    return replace(one, advice=_each(one.advice, _from_json)) if one.advice else one


def _each(advice: Iterable[Advice], change: Callable[[object], object]) -> tuple[Advice, ...]:
    return tuple(Advice(one.code, {name: change(value) for name, value in one.params.items()}) for one in advice)


def _as_json(value: object) -> object:
    return {DECIMAL: str(value)} if isinstance(value, Decimal) else value


def _from_json(value: object) -> object:
    return Decimal(str(value[DECIMAL])) if isinstance(value, Mapping) else value
