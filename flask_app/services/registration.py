"""Registration numbers: the next one of a series and year, taken under a row lock in the signing's transaction."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from flask_app.domain.numbering import SERIES, RegistrationNumber
from flask_app.services.office import Work
from flask_app.store.models.documents import RegistrationCounter


def next_number(work: Work, kind: str, year: int) -> RegistrationNumber:
    """The next number for a paper of `kind`. Signers of one series wait for each other; a rollback gives it back."""
    series = SERIES[kind]
    work.session.execute(
        insert(RegistrationCounter)
        .values(id=work.office.ids.new(), body_id=work.actor.body_id, series=series, year=year, last=0)
        .on_conflict_do_nothing(index_elements=["body_id", "series", "year"])
    )
    counter = work.session.scalars(
        select(RegistrationCounter)
        .where(
            RegistrationCounter.body_id == work.actor.body_id,
            RegistrationCounter.series == series,
            RegistrationCounter.year == year,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    counter.last += 1
    return RegistrationNumber(year, series, counter.last)
