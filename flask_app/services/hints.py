"""Hints from Moodle: a signed knock that says "there may be something to pull". It never carries the truth.

A hint names a test or a course; the panel then asks Moodle itself, as when a person asks for the results. So a lost
hint loses nothing, a repeated one does nothing twice, and a forged one could at most make the panel look.

What a knock must be (the other end: `connector/moodle/plugin/local_kyzmat/classes/local/outbox.php`): signed with the
secret of the address it came to, over its time and its body; not older or newer than `WINDOW`; with a delivery id of
its own. The same delivery comes again when our answer was lost, with a new time: it is answered like the first.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import delete, func, select

from flask_app.domain.errors import InvalidInput, NotFound
from flask_app.domain.identity import HR_OFFICER, Actor
from flask_app.services import audit, sitting_desk, training_desk
from flask_app.services.office import Office, Work
from flask_app.services.rights import may
from flask_app.services.training import MOODLE
from flask_app.store.models.jobs import JobProgress
from flask_app.store.models.moodle import Hint, HintAddress
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import ExaminationForm, TestSession
from flask_app.store.models.training import Programme, TrainingOrder

WINDOW = timedelta(minutes=5)
"""How far the signed time may be from ours, either way."""

KEPT = timedelta(days=7)
"""How long deliveries are remembered. Longer than a day of pauses between Moodle's repeats; one that comes again later
still makes the panel look once more, and no more than that."""

GATHER = timedelta(seconds=10)
"""How long a pull waits after the first hint, so that the people who hand in together make one pull."""

TEST_EVENTS = ("attempt_finished", "attempt_regraded", "attempt_deleted")
COURSE_EVENTS = ("completion",)
EVENTS = (*TEST_EVENTS, *COURSE_EVENTS)
CHECK = "check"
"""Moodle was asked to knock (`local_kyzmat_check_push`): it tells of nothing."""

DELIVERY = re.compile(r"[A-Za-z0-9._-]{1,64}")
EVENT = re.compile(r"[a-z_]{1,40}")
IDNUMBER = re.compile(r"[^\x00-\x1f\ud800-\udfff]{1,255}")
SECONDS = re.compile(r"[0-9]{1,12}")

Answer = Literal["taken", "repeated", "refused", "unreadable"]
Why = Literal["signature", "time", "body", "sealed"]
Outcome = Literal["queued", "known", "unknown", "closed", "other", "check"]


@dataclass(frozen=True, slots=True)
class Knock:
    """What came: the id from the address, both headers and the body, byte for byte."""

    address: UUID
    timestamp: str
    signature: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """A body that could be read. `subject`: idnumber of the test or course, empty where the event has none."""

    delivery: str
    event: str
    subject: str


def moodle_actor(body_id: UUID) -> Actor:
    """Who pulls after a hint: nobody of the staff. It has the right of whoever pulls results and lives in one job."""
    return Actor(UUID(int=0), "moodle", body_id, frozenset({HR_OFFICER}))


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` and HMAC-SHA256 of `timestamp.body`, in hex."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def take(office: Office, knock: Knock) -> Answer:
    """Judge a knock and put what it asks for into the queue. An unknown address is refused like a bad signature."""
    body_id = _body_of(office, knock.address)
    if body_id is None:
        _is_signed("", knock)  # the same work as for a known address
        return "refused"
    with office.work(moodle_actor(body_id)) as work:
        try:
            address = work.get(HintAddress, knock.address, lock=True)
        except NotFound:
            return "refused"  # taken back this very moment
        why = _fault(work, address, knock)
        told = read(knock.body) if why is None else None
        if told is None:
            _count_refusal(work, address, why or "body")
            return "refused" if why else "unreadable"
        return _keep(work, address, told)


def _body_of(office: Office, address: UUID) -> UUID | None:
    with office.sessions() as session:
        return session.scalar(select(HintAddress.body_id).where(HintAddress.id == address))


def _fault(work: Work, address: HintAddress, knock: Knock) -> Why | None:
    """Why it is not believed. The former secret is good until Moodle has used the new one."""
    try:
        if _is_signed(work.office.sealer.open(address.secret_sealed), knock):
            address.former_sealed = None
        elif address.former_sealed is None or not _is_signed(work.office.sealer.open(address.former_sealed), knock):
            return "signature"
    except InvalidInput:
        return "sealed"
    return None if is_timely(knock.timestamp, work.now) else "time"


def _is_signed(secret: str, knock: Knock) -> bool:
    wanted = signature(secret, knock.timestamp, knock.body)
    return hmac.compare_digest(wanted.encode(), knock.signature.encode())


def is_timely(timestamp: str, now: datetime) -> bool:
    """`timestamp`: seconds since 1970, in digits."""
    if SECONDS.fullmatch(timestamp) is None:
        return False
    return abs(int(timestamp) - now.timestamp()) <= WINDOW.total_seconds()


def _count_refusal(work: Work, address: HintAddress, why: Why) -> None:
    """A count, not an event of the log for each: whoever knows the address could fill the log."""
    address.refused += 1
    address.refused_at, address.refused_why = work.now, why


# -- what it says ------------------------------------------------------------------------------------------------------


def read(body: bytes) -> Told | None:
    """None for what is no hint. An event nobody here knows is one all the same: the plugin may be newer."""
    try:
        given: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    delivery, event = _field(given, "deliveryid", DELIVERY), _field(given, "event", EVENT)
    subject = _field(given, "testidnumber" if event in TEST_EVENTS else "courseidnumber", IDNUMBER)
    if not delivery or not event or (event in EVENTS and not subject):
        return None
    return Told(delivery, event, subject)


def _field(given: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = given.get(name)
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _keep(work: Work, address: HintAddress, told: Told) -> Answer:
    """The row of the address is locked: of one delivery that comes twice at once, the second sees the first."""
    known = select(Hint.id).where(Hint.address_id == address.id, Hint.delivery == told.delivery)
    if work.session.scalar(known) is not None:
        return "repeated"
    work.session.execute(delete(Hint).where(Hint.address_id == address.id, Hint.received_at < work.now - KEPT))
    outcome = _follow(work, told)
    work.add(
        Hint(
            address_id=address.id,
            delivery=told.delivery,
            event=told.event,
            subject=told.subject,
            outcome=outcome,
            received_at=work.now,
        )
    )
    if outcome == CHECK:
        address.checked_at = work.now
    else:
        address.taken, address.hinted_at = address.taken + 1, work.now
    return "taken"


# -- what is done ------------------------------------------------------------------------------------------------------


def _follow(work: Work, told: Told) -> Outcome:
    if told.event == CHECK:
        return "check"
    if told.event not in EVENTS:
        return "other"
    pulls = list(_sittings(work, told) if told.event in TEST_EVENTS else _orders(work, told))
    if not pulls:
        return "unknown"
    queued = [_queue(work, told, pull) for pull in pulls if pull is not None]
    return "closed" if not queued else "queued" if any(queued) else "known"


@dataclass(frozen=True, slots=True)
class _Pull:
    task: str
    argument: str
    kind: str
    id: UUID
    key: str


def _sittings(work: Work, told: Told) -> Iterator[_Pull | None]:
    """The sittings of this body that have the test; None for one whose results are not pulled in its present state."""
    ids = (
        select(TestSession.competition_id)
        .join(ExaminationForm, ExaminationForm.session_id == TestSession.id)
        .where(ExaminationForm.test_idnumber == told.subject)
    )
    for competition in work.session.scalars(
        select(Competition).where(Competition.id.in_(ids), Competition.body_id == work.actor.body_id)
    ):
        id_ = competition.id
        pull = _Pull("pull_results", "competition", "competition", id_, sitting_desk.pull_key(id_))
        yield pull if may(work, competition, "pull_results") else None


def _orders(work: Work, told: Told) -> Iterator[_Pull | None]:
    """The training orders of this body with the course; one course may stand in several."""
    ids = select(Programme.order_id).where(Programme.course_code == told.subject, Programme.delivery == MOODLE)
    for order in work.session.scalars(
        select(TrainingOrder).where(TrainingOrder.id.in_(ids), TrainingOrder.body_id == work.actor.body_id)
    ):
        pull = _Pull("pull_completions", "order", "training_order", order.id, training_desk.pull_key(order.id))
        yield pull if may(work, order, "pull_completions") else None


def _queue(work: Work, told: Told, pull: _Pull) -> bool:
    """Whether this hint made the job; one that waits already will see what this hint tells of."""
    body_id = work.actor.body_id
    arguments = {pull.argument: str(pull.id), "hinted": str(body_id)}
    job = work.office.queue.put(work.session, pull.task, arguments, key=pull.key, body_id=body_id, delay=GATHER)
    # Both are the moment this transaction began, by the database's clock, when the row is of this transaction.
    new = work.session.scalar(select(JobProgress.created_at == func.now()).where(JobProgress.id == job)) is True
    if new:
        after = {"event": told.event, "subject": told.subject, "delivery": told.delivery, "job": job}
        audit.record(work, "hint.queued", pull.kind, pull.id, after=after)
    return new
