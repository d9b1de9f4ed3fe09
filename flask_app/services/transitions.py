"""The only code that changes a state.

Always in this order: lock → visible → expected version → right → state → validators → apply → version → audit →
after-commit work. Nothing overrides it; a content type contributes facts and data, never code in between.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import inspect

from flask_app.domain.canonical import digest, plain
from flask_app.domain.errors import NotFound, Refused, VersionConflict
from flask_app.domain.workflow import Act, Offer, decide, offers
from flask_app.domain.workflows import WORKFLOWS
from flask_app.services import audit
from flask_app.services.office import Work
from flask_app.services.rights import roles_on
from flask_app.store.models.applications import Application
from flask_app.store.models.documents import Document
from flask_app.store.models.procedures import Competition, StageRecord
from flask_app.store.models.questions import QuestionItem
from flask_app.store.models.training import TrainingOrder
from flask_app.store.models.versions import ObjectVersion

Moving = TypeVar("Moving", Competition, Application, Document, TrainingOrder, QuestionItem)

SEALED = frozenset({"personal_number_sealed", "moodle_password_sealed"})


def act_on(work: Work, happened_on: date, evidence: str = "", reason: str = "") -> Act:
    """An act as entered by the actor, recorded now."""
    return Act(happened_on, work.now, evidence, reason)


def change_state(
    work: Work,
    model: type[Moving],
    id_: UUID,
    transition: str,
    act: Act,
    facts: Callable[[Moving], Any],
    *,
    expected_version: int,
    apply: Callable[[Moving], None] | None = None,
) -> Moving:
    """Take `transition`. `facts` is asked after the lock; `apply` sets what the transition brings along.

    Raises `NotFound`, `VersionConflict`, `NotPermitted`, `AlreadyThere`, `Refused`.
    """
    obj = work.get(model, id_, lock=True)
    roles = roles_on(work, obj)
    _check_visible(obj, roles)
    check_version(obj, expected_version)
    return take_step(work, obj, transition, act, facts, roles, apply=apply)


def take_step(
    work: Work,
    obj: Moving,
    transition: str,
    act: Act,
    facts: Callable[[Moving], Any],
    roles: frozenset[str],
    *,
    apply: Callable[[Moving], None] | None = None,
) -> Moving:
    """The part of `change_state` after the lock: for an object that the caller holds locked, in this transaction.

    `roles`: the actor's roles on it. A list of a thousand objects is locked and asked for roles once, not one by one.
    """
    _check_visible(obj, roles)
    _check_time(work, obj, act)
    source = obj.state
    target = decide(WORKFLOWS[obj.workflow], transition, source, roles, act, facts(obj))
    if apply is not None:
        apply(obj)
    obj.state = target
    obj.last_act_on = act.happened_on
    save_version(work, obj, act.reason or transition)
    _remember(work, obj, transition, source, act)
    return obj


def _check_visible(obj: Moving, roles: frozenset[str]) -> None:
    """Who may not see an object is told that there is none."""
    if not WORKFLOWS[obj.workflow].permits("view", obj.state, roles):
        raise NotFound("object.unknown", type=type(obj).__name__)


def check_version(obj: Moving, expected: int) -> None:
    """Raises `VersionConflict` when somebody changed the object since the actor saw it."""
    if obj.version != expected:
        raise VersionConflict("object.changed_meanwhile", expected=expected, present=obj.version)


def save_version(work: Work, obj: Moving, reason: str) -> None:
    """Raise the version by one and keep what the object looks like now."""
    obj.version += 1
    data = snapshot(obj)
    work.add(
        ObjectVersion(
            object_type=obj.workflow,
            object_id=obj.id,
            version=obj.version,
            author_id=work.actor.user_id,
            recorded_at=work.now,
            reason=reason,
            data=data,
            checksum=digest(data),
        )
    )


def snapshot(obj: Moving) -> dict[str, Any]:
    """The object's own columns as plain values; sealed ones are left out."""
    columns = inspect(type(obj)).columns.keys()
    return {name: plain(getattr(obj, name)) for name in columns if name not in SEALED}


def offered(work: Work, obj: Moving, happened_on: date, facts: Any) -> tuple[Offer, ...]:
    """What a page may offer the actor, and why not the rest: the same check that enforces."""
    return offers(WORKFLOWS[obj.workflow], obj.state, roles_on(work, obj), act_on(work, happened_on), facts)


def _check_time(work: Work, obj: Moving, act: Act) -> None:
    """Nothing happens in the future, nor before what happened last."""
    if act.happened_on > work.today:
        raise Refused("act.in_the_future", happened_on=act.happened_on, today=work.today)
    if obj.last_act_on is not None and act.happened_on < obj.last_act_on:
        raise Refused("act.out_of_order", happened_on=act.happened_on, last=obj.last_act_on)


def _remember(work: Work, obj: Moving, transition: str, source: str, act: Act) -> None:
    work.add(
        StageRecord(
            object_type=obj.workflow,
            object_id=obj.id,
            transition=transition,
            source=source,
            target=obj.state,
            happened_on=act.happened_on,
            recorded_at=act.recorded_at,
            evidence=act.evidence,
            reason=act.reason,
            actor_id=work.actor.user_id,
            version=obj.version,
        )
    )
    audit.record(
        work,
        f"{obj.workflow}.{transition}",
        obj.workflow,
        obj.id,
        {"state": source, "version": obj.version - 1},
        {"state": obj.state, "version": obj.version, "happened_on": act.happened_on, "evidence": act.evidence},
    )
