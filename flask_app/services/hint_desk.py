"""Where Moodle's hints come to: the address and its secret, told to Moodle, changed, taken back, and how it fares."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import NotFound
from flask_app.domain.identity import Actor
from flask_app.services import audit
from flask_app.services.bank_rights import require
from flask_app.services.hints import CHECK, EVENTS
from flask_app.services.local_time import LocalTime, local_time
from flask_app.services.office import Office, Work
from flask_app.store.models.moodle import Hint, HintAddress
from flask_app.store.models.organisation import User

SECRET_BYTES = 32
RECENT = 10


@dataclass(frozen=True, slots=True)
class HintRow:
    """A hint that was taken; `outcome` as `services.hints` says it."""

    at: datetime
    event: str
    subject: str
    outcome: str


@dataclass(frozen=True, slots=True)
class HintStanding:
    """How the hints fare, by the body's clock. `changing`: Moodle has not used the new secret yet.

    `checked_at`: Moodle reached the panel when it was asked to; `hinted_at`: with a hint of its own.
    """

    id: UUID
    set_at: datetime
    set_by: str
    changing: bool
    told_at: datetime | None
    checked_at: datetime | None
    hinted_at: datetime | None
    taken: int
    refused: int
    refused_at: datetime | None
    refused_why: str
    recent: tuple[HintRow, ...]


@dataclass(frozen=True, slots=True)
class HintSecret:
    """A secret that was just made. It can be read here and nowhere else: the panel keeps it sealed."""

    address: UUID
    generation: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HintFinding:
    """What the panel itself knows of Moodle's knock, beside what Moodle says of it (`SiteFinding`)."""

    code: str
    level: Literal["ok", "warn", "bad"]
    params: Mapping[str, object] = field(default_factory=dict)


def standing(work: Work) -> HintStanding | None:
    """None where no address was ever set, or it was taken back. Raises `NotPermitted`."""
    require(work.actor, "examine")
    found = work.session.execute(
        select(HintAddress, User.name)
        .join(User, User.id == HintAddress.set_by)
        .where(HintAddress.body_id == work.actor.body_id)
    ).one_or_none()
    if found is None:
        return None
    address, name = found
    here = local_time(work)
    return HintStanding(
        id=address.id,
        set_at=here.at(address.set_at),
        set_by=name,
        changing=address.former_sealed is not None,
        told_at=_at(here, address.told_at),
        checked_at=_at(here, address.checked_at),
        hinted_at=_at(here, address.hinted_at),
        taken=address.taken,
        refused=address.refused,
        refused_at=_at(here, address.refused_at),
        refused_why=address.refused_why,
        recent=_recent(work, here, address.id),
    )


def _at(here: LocalTime, moment: datetime | None) -> datetime | None:
    return None if moment is None else here.at(moment)


def _recent(work: Work, here: LocalTime, address: UUID) -> tuple[HintRow, ...]:
    rows = work.session.scalars(
        select(Hint)
        .where(Hint.address_id == address, Hint.outcome != CHECK)
        .order_by(Hint.received_at.desc(), Hint.id)
        .limit(RECENT)
    )
    return tuple(HintRow(here.at(row.received_at), row.event, row.subject, row.outcome) for row in rows)


# -- address and secret ------------------------------------------------------------------------------------------------


def renew(work: Work) -> HintSecret:
    """A new secret, the first or the next. The one before stays good until Moodle has signed with this one.

    Raises `NotPermitted`.
    """
    require(work.actor, "connect")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    sealed = work.office.sealer.seal(secret)
    address = _locked(work)
    if address is None:
        address = HintAddress(generation=1, former_sealed=None, taken=0, refused=0, refused_why="")
        address.secret_sealed, address.set_by, address.set_at = sealed, work.actor.user_id, work.now
        work.add(address)
        work.session.flush()
    else:
        if address.former_sealed is None or address.told_at is not None:
            address.former_sealed = address.secret_sealed  # else Moodle knows only the one before that still
        address.secret_sealed = sealed
        address.generation, address.told_at = address.generation + 1, None
        address.set_by, address.set_at = work.actor.user_id, work.now
    audit.record(work, "hint.secret_set", "hint_address", address.id, after={"generation": address.generation})
    return HintSecret(address.id, address.generation, secret)


def tell(office: Office, actor: Actor, made: HintSecret, url: str) -> None:
    """Tell Moodle where hints go and how they are signed; outside any transaction, short timeouts, once.

    Raises `NotPermitted`, `OutsideError`.
    """
    require(actor, "connect")
    office.moodle.set_hints(f"hints-{made.address.hex}-{made.generation}", url, made.secret, EVENTS)


def note_told(work: Work, made: HintSecret, url: str) -> None:
    """Moodle confirmed address and secret: from now on the one before is good for nothing."""
    require(work.actor, "connect")
    address = work.get(HintAddress, made.address, lock=True)
    if address.generation == made.generation:
        address.told_at, address.former_sealed = work.now, None
    audit.record(work, "hint.told", "hint_address", address.id, after={"generation": made.generation, "url": url})


def take_back(work: Work) -> str:
    """No hint is believed any more; returns the key under which Moodle is to be told. Raises `NotPermitted`,
    `NotFound` where there is nothing to take back.
    """
    require(work.actor, "connect")
    address = _locked(work)
    if address is None:
        raise NotFound("object.unknown", type="HintAddress")
    audit.record(work, "hint.taken_back", "hint_address", address.id, before={"generation": address.generation})
    work.session.delete(address)
    return f"hints-{address.id.hex}-off"


def stop(office: Office, actor: Actor, opkey: str) -> None:
    """Tell Moodle to send no hints. Raises `NotPermitted`, `OutsideError`."""
    require(actor, "connect")
    office.moodle.set_hints(opkey, "", "", ())


def _locked(work: Work) -> HintAddress | None:
    """The body's address, held until this transaction ends."""
    return work.session.scalar(select(HintAddress).where(HintAddress.body_id == work.actor.body_id).with_for_update())


# -- the knock, seen from here -----------------------------------------------------------------------------------------


def findings(work: Work, since: datetime, said: Collection[str]) -> Iterator[HintFinding]:
    """What the panel knows of the examination that began at `since`; `said`: the codes of what Moodle said.

    Moodle says that somebody answered it; only here it is known whether that was this body's address.
    """
    address = work.session.scalar(select(HintAddress).where(HintAddress.body_id == work.actor.body_id))
    here, answered = local_time(work), "doctor.push_reached" in said
    if answered and address is not None and address.checked_at is not None and address.checked_at >= since:
        yield HintFinding("hints.reached", "ok", {"at": here.at(address.checked_at)})
    elif answered:
        yield HintFinding("hints.elsewhere", "warn")
    elif address is not None and "doctor.push_off" in said:
        yield HintFinding("hints.not_told", "warn")
    if address is not None and address.refused_at is not None and address.refused_at >= _last_good(address):
        params = {"n": address.refused, "at": here.at(address.refused_at)}
        yield HintFinding(f"hints.refused_{address.refused_why}", "warn", params)


def _last_good(address: HintAddress) -> datetime:
    """When a knock was last believed, or the secret made: what was refused before that is settled."""
    return max(moment for moment in (address.set_at, address.checked_at, address.hinted_at) if moment is not None)
