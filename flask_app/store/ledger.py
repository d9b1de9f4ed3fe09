"""The operation ledger on PostgreSQL: every method is its own transaction, committed before the call goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from flask_app.domain.errors import VersionConflict
from flask_app.ports.clock import Clock, Ids
from flask_app.store.models.moodle import PushedItem, SyncOperation

SENT, DONE, FAILED = "sent", "done", "failed"


class DatabaseLedger:
    """`ports.moodle.OperationLedger` for one body."""

    def __init__(self, sessions: Callable[[], Session], clock: Clock, ids: Ids, body_id: UUID) -> None:
        self._sessions, self._clock, self._ids, self._body_id = sessions, clock, ids, body_id

    def begin(self, opkey: str, function: str, request_hash: str) -> Mapping[str, object] | None:
        with self._sessions() as session, session.begin():
            session.execute(
                insert(SyncOperation)
                .values(
                    id=self._ids.new(),
                    body_id=self._body_id,
                    opkey=opkey,
                    function=function,
                    request_hash=request_hash,
                    state=SENT,
                    attempts=0,
                    errorcode="",
                    begun_at=self._clock.now(),
                )
                .on_conflict_do_nothing(index_elements=["body_id", "opkey"])
            )
            operation = self._locked(session, opkey)
            if operation.request_hash != request_hash:
                raise VersionConflict("sync.opkey_conflict", opkey=opkey, function=function)
            if operation.state == DONE:
                return operation.result
            operation.state, operation.attempts = SENT, operation.attempts + 1
            return None

    def _locked(self, session: Session, opkey: str) -> SyncOperation:
        return session.scalars(
            select(SyncOperation)
            .where(SyncOperation.body_id == self._body_id, SyncOperation.opkey == opkey)
            .with_for_update()
        ).one()

    def done(self, opkey: str, result: Mapping[str, object]) -> None:
        with self._sessions() as session, session.begin():
            operation = self._locked(session, opkey)
            operation.state, operation.result, operation.ended_at = DONE, dict(result), self._clock.now()

    def failed(self, opkey: str, errorcode: str) -> None:
        with self._sessions() as session, session.begin():
            operation = self._locked(session, opkey)
            operation.state, operation.errorcode, operation.ended_at = FAILED, errorcode, self._clock.now()

    def pushed(self, kind: str, idnumbers: Sequence[str]) -> Mapping[str, str]:
        with self._sessions() as session:
            rows = session.execute(
                select(PushedItem.idnumber, PushedItem.content_hash).where(
                    PushedItem.body_id == self._body_id, PushedItem.kind == kind, PushedItem.idnumber.in_(idnumbers)
                )
            )
            return dict(rows.all())

    def note_pushed(self, kind: str, hashes: Mapping[str, str]) -> None:
        if not hashes:
            return
        now = self._clock.now()
        rows = [
            {
                "id": self._ids.new(),
                "body_id": self._body_id,
                "kind": kind,
                "idnumber": idnumber,
                "content_hash": content_hash,
                "pushed_at": now,
            }
            for idnumber, content_hash in sorted(hashes.items())
        ]
        statement = insert(PushedItem)
        with self._sessions() as session, session.begin():
            session.execute(
                statement.on_conflict_do_update(
                    index_elements=["body_id", "kind", "idnumber"],
                    set_={"content_hash": statement.excluded.content_hash, "pushed_at": now},
                ),
                rows,
            )
