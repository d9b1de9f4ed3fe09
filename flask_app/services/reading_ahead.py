"""The banks, read before the panel answers: else whoever comes first to each process waits for it.

A few hundred questions take a quarter of a second, for reading them and for comparing each with all others. Both are
kept in the process by the content they were worked out from (`bank_reading`, `bank_contents`), so reading ahead changes
what nobody has to wait for, and nothing else.
"""

from __future__ import annotations

from time import monotonic
from typing import Final
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import InvalidInput
from flask_app.services.bank_contents import contents_of
from flask_app.services.bank_reading import banks_of_body
from flask_app.services.bodies import system_actor
from flask_app.services.office import Office
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.organisation import Body

PATIENCE: Final = 3.0
"""Seconds that the panel's start may take longer; with many bodies, the rest is read when it is first asked for."""


def read_banks_ahead(office: Office, patience: float = PATIENCE) -> int:
    """Read body by body until all are read or `patience` seconds are over; how many bodies were read."""
    until = monotonic() + patience
    with office.sessions() as session:
        bodies = session.scalars(select(Body.id).order_by(Body.code)).all()
    read = 0
    for body_id in bodies:
        if monotonic() >= until:
            break
        _read(office, body_id)
        read += 1
    return read


def _read(office: Office, body_id: UUID) -> None:
    with office.work(system_actor(body_id)) as work:
        banks = work.session.scalars(select(QuestionBank).where(QuestionBank.body_id == body_id)).all()
        contents_of(work, banks)
        try:
            banks_of_body(work)
        except InvalidInput:
            return  # a damaged bank: told to whoever opens it, with what is damaged
