"""Synchronisation with Moodle: planned, reviewed, applied; one at a time per body; resumable after any interruption.

Calls to Moodle never happen inside a database transaction: each step keeps what it knows, then goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.errors import NotPermitted, Refused, VersionConflict
from flask_app.domain.identity import BANK_EDITOR, HR_OFFICER, SECRETARY, TRAINING_OFFICER, Actor
from flask_app.ports.failpoints import failpoint
from flask_app.ports.moodle import ApplyReport, ForeignDecision, ItemReport, Progress, Step, SyncPlan, Wanted
from flask_app.services import audit
from flask_app.services.banks import record_synced, wanted_banks
from flask_app.services.office import Office, Work
from flask_app.services.test_sessions import mark_pushed, session_of, wanted_session
from flask_app.services.training import wanted_training
from flask_app.store.locks import exclusive
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.moodle import SyncOperation, SyncRun
from flask_app.store.progress import JobCancelled

SYNCERS = frozenset({BANK_EDITOR, HR_OFFICER, SECRETARY, TRAINING_OFFICER})
APPLYING, APPLIED, FAILED, INTERRUPTED, CANCELLED = "applying", "applied", "failed", "interrupted", "cancelled"


def _may_sync(actor: Actor) -> None:
    if not actor.roles & SYNCERS:
        raise NotPermitted("workflow.action_not_permitted", action="sync", state="", workflow="moodle")


def plan(office: Office, actor: Actor, wanted: Wanted) -> SyncPlan:
    """What would be changed in Moodle. Writes nothing, neither there nor here."""
    _may_sync(actor)
    return office.moodle.plan(wanted, office.ledger_of(actor.body_id))


def apply(office: Office, actor: Actor, reviewed: SyncPlan, progress: Progress, *, subject: str) -> ApplyReport:
    """Carry out exactly the reviewed plan and keep its report.

    Raises `Refused("sync.running")` while another apply of the body runs, `Refused("sync.foreign_change")` from the
    gateway, and its `OutsideError`s; the operations done so far stay done and are not done again by the next apply.
    """
    _may_sync(actor)
    with exclusive(office.sessions, f"sync:{actor.body_id}") as alone:
        if not alone:
            raise Refused("sync.running")
        run_id = _begin(office, actor, reviewed, subject)
        failpoint("sync.begun")
        try:
            report = office.moodle.apply(reviewed, office.ledger_of(actor.body_id), progress)
        except JobCancelled:
            _end(office, actor, run_id, CANCELLED, {})
            raise
        except Exception as error:
            _end(office, actor, run_id, FAILED, {"error": getattr(error, "code", type(error).__name__)})
            raise
        failpoint("sync.before_report")
        outcome = {"items": len(report.items), "failures": len(report.failures), "calls": report.calls}
        _end(office, actor, run_id, APPLIED, outcome, _item_list(report))
        return report


def _item_list(report: ApplyReport) -> list[list[object]]:
    """[kind, target, idnumber, outcome, message, Moodle's version] of each item, for the run's page."""
    return [[i.kind, i.target, i.idnumber, i.outcome, i.message, i.version] for i in report.items]


def _begin(office: Office, actor: Actor, reviewed: SyncPlan, subject: str) -> UUID:
    with office.work(actor) as work:
        _close_interrupted(work)
        run = SyncRun(
            subject=subject,
            plan_hash=reviewed.hash,
            state=APPLYING,
            steps=len(reviewed.steps),
            report=_about(reviewed),
            started_at=work.now,
        )
        work.add(run)
        work.session.flush()
        audit.record(work, "sync.begun", "sync_run", run.id, after={"plan": reviewed.hash, "steps": run.steps})
        return run.id


def _about(reviewed: SyncPlan) -> dict[str, object]:
    """Which banks a run is about, by their names in Moodle, in which course they stand, and what was to be done with
    them; of other runs what was to be done, and a mark of what was wanted.
    """
    banks, planned = reviewed.wanted.banks, [_plain_step(step) for step in reviewed.steps]
    if not banks:
        return {"planned": planned, "wanted": _mark(reviewed.wanted)}
    return {"course": banks[0].course, "banks": sorted(bank.bank for bank in banks), "planned": planned}


def _mark(wanted: Wanted) -> str:
    """Tells whether the same is wanted as then: steps about people and tests carry no sum of what they bring."""
    return hashlib.sha256(repr(wanted).encode()).hexdigest()


def _plain_step(step: Step) -> list[object]:
    return [step.kind, step.target, step.idnumber, step.content_hash, step.expected_version]


def _insist_on_review(office: Office, actor: Actor, made: SyncPlan, plan_hash: str) -> None:
    """Only the plan a person reviewed is carried out, or what an interrupted run of it has left."""
    if plan_hash and made.hash != plan_hash:
        with office.work(actor) as work:
            if not _is_rest_of(work, plan_hash, made):
                raise Refused("sync.plan_changed")


def _is_rest_of(work: Work, plan_hash: str, made: SyncPlan) -> bool:
    """Whether `made` is what an interrupted run of the reviewed plan has left to do: none of its steps is new."""
    begun = work.session.scalars(
        select(SyncRun)
        .where(
            SyncRun.body_id == work.actor.body_id,
            SyncRun.plan_hash == plan_hash,
            SyncRun.state.in_((FAILED, INTERRUPTED, APPLYING)),
        )
        .order_by(SyncRun.started_at.desc())
        .limit(1)
    ).one_or_none()
    if begun is None or begun.report.get("wanted", _mark(made.wanted)) != _mark(made.wanted):
        return False
    return all(_plain_step(step) in begun.report.get("planned", []) for step in made.steps)


def _settle_interrupted(office: Office, actor: Actor) -> None:
    """Close what a dead process left open when there is nothing to apply: the next `apply` may be long in coming."""
    with exclusive(office.sessions, f"sync:{actor.body_id}") as alone:
        if alone:
            with office.work(actor) as work:
                _close_interrupted(work)


def _close_interrupted(work: Work) -> None:
    """Whoever holds the lock is alone, so a run still marked as applying belongs to a process that is gone."""
    running = work.session.scalars(
        select(SyncRun).where(SyncRun.body_id == work.actor.body_id, SyncRun.state == APPLYING).with_for_update()
    ).all()
    for run in running:
        run.state, run.ended_at = INTERRUPTED, work.now
    work.session.flush()


def _end(
    office: Office,
    actor: Actor,
    run_id: UUID,
    state: str,
    outcome: Mapping[str, object],
    items: Sequence[Sequence[object]] = (),
) -> None:
    """Close a run. Its items stay with the run; the audit log keeps how many there were."""
    with office.work(actor) as work:
        run = work.get(SyncRun, run_id, lock=True)
        if run.state != APPLYING:
            raise VersionConflict("sync.run_ended_elsewhere", state=run.state)
        kept = {name: value for name, value in run.report.items() if name != "planned" or state != APPLIED}
        run.state, run.report, run.ended_at = state, {**kept, **outcome, "list": list(items)}, work.now
        audit.record(work, f"sync.{state}", "sync_run", run_id, after=outcome)


def sync_banks(
    office: Office,
    actor: Actor,
    course: str,
    progress: Progress,
    *,
    banks: Sequence[str] = (),
    decisions: Sequence[ForeignDecision] = (),
    plan_hash: str = "",
) -> tuple[SyncPlan, ApplyReport | None]:
    """Bring banks of the body to Moodle and note where each question stands there.

    `banks`: their names in Moodle (none = all). `plan_hash`: the plan a person reviewed (empty = none was); a job that
    is tried again after an interruption carries out what is left of it. Raises `Refused("sync.plan_changed")` when
    anything else than that would be done by now.
    """
    with office.work(actor) as work:
        wanted = banks_wanted(work, course, banks, decisions)
    made = plan(office, actor, wanted)
    _insist_on_review(office, actor, made, plan_hash)
    return made, apply_banks(office, actor, made, progress)


def banks_wanted(
    work: Work, course: str, banks: Sequence[str] = (), decisions: Sequence[ForeignDecision] = ()
) -> Wanted:
    """What a synchronisation of these banks (none named = all) is about."""
    chosen = tuple(bank for bank in wanted_banks(work, course) if not banks or bank.bank in banks)
    return Wanted(banks=chosen, decisions=tuple(decisions))


def apply_banks(office: Office, actor: Actor, reviewed: SyncPlan, progress: Progress) -> ApplyReport | None:
    """Carry out a plan of banks and note where each question stands afterwards. An empty plan only notes."""
    report = apply(office, actor, reviewed, progress, subject="banks") if reviewed.steps else None
    if report is None:
        _settle_interrupted(office, actor)
    failpoint("sync.before_record")
    present = [question for bank in reviewed.wanted.banks for question in office.moodle.present(bank.bank)]
    with office.work(actor) as work:
        record_synced(work, present)
        _settle_unknown(work)
    if report is not None:
        _insist(report, reviewed.wanted)
    return report


# Calls about banks and questions are planned from what Moodle itself shows, so a later plan sees what became of them.
SEEN_BY_THE_NEXT_PLAN = ("save_bank", "import_questions", "set_question_status")


def _settle_unknown(work: Work) -> None:
    """Close calls of a process that died before it could note their outcome: the site has been read since."""
    unknown = work.session.scalars(
        select(SyncOperation)
        .where(
            SyncOperation.body_id == work.actor.body_id,
            SyncOperation.state == "sent",
            SyncOperation.function.in_(SEEN_BY_THE_NEXT_PLAN),
        )
        .with_for_update(skip_locked=True)
    ).all()
    for operation in unknown:
        operation.state, operation.ended_at = "superseded", work.now
        audit.record(work, "sync.outcome_seen", "sync_operation", operation.id, after={"opkey": operation.opkey})


def push_session(
    office: Office, actor: Actor, competition_id: UUID, progress: Progress, *, plan_hash: str = ""
) -> ApplyReport | None:
    """Bring a sitting to Moodle: its people, groups and tests. Nothing to do = None.

    `plan_hash`: the plan a person reviewed (empty = none was). Raises `Refused`: sync.plan_changed when it is another
    one by now, session.not_seated, and session.question_edited when somebody has changed in Moodle the very version of
    a question that stands on a form.
    """
    with office.work(actor) as work:
        session = session_of(work, competition_id)
        if session is None:
            raise Refused("competition.no_session")
        wanted = wanted_session(work, session)
        session_id = session.id
        banks = work.session.scalars(
            select(QuestionBank.moodle_bank).where(QuestionBank.body_id == actor.body_id)
        ).all()
    _refuse_edited(office, wanted, banks)
    report = _bring(office, actor, wanted, progress, subject=f"session:{session_id}", plan_hash=plan_hash)
    failpoint("push.before_mark")
    with office.work(actor) as work:
        mark_pushed(work, session_id, wanted)
    return report


def _refuse_edited(office: Office, wanted: Wanted, banks: Sequence[str]) -> None:
    foreign = {
        (question.idnumber, question.version)
        for bank in banks
        for question in office.moodle.present(bank)
        if question.foreign
    }
    asked = {(slot.idnumber, slot.version) for test in wanted.tests for slot in test.slots}
    edited = sorted(asked & foreign)
    if edited:
        raise Refused("session.question_edited", question=edited[0][0], n=len(edited))


def push_training(
    office: Office, actor: Actor, order_id: UUID, progress: Progress, *, plan_hash: str = ""
) -> ApplyReport | None:
    """Bring the people of a training order's Moodle courses to Moodle. `plan_hash` as for a sitting."""
    with office.work(actor) as work:
        wanted = wanted_training(work, order_id)
    return _bring(office, actor, wanted, progress, subject=f"training:{order_id}", plan_hash=plan_hash)


def _bring(
    office: Office, actor: Actor, wanted: Wanted, progress: Progress, *, subject: str, plan_hash: str = ""
) -> ApplyReport | None:
    made = plan(office, actor, wanted)
    _insist_on_review(office, actor, made, plan_hash)
    if not made.steps:
        _settle_interrupted(office, actor)
        return None
    failpoint("push.planned")
    report = apply(office, actor, made, progress, subject=subject)
    _insist(report, wanted)
    return report


def _insist(report: ApplyReport, wanted: Wanted) -> None:
    """Every item must have arrived; otherwise say of each reason how many did not, and show the first.

    People are shown by their user names, which is what a person looks for in Moodle.
    """
    names = {person.idnumber: person.username for person in wanted.people}
    by_reason: dict[str, list[ItemReport]] = {}
    for item in report.failures:
        by_reason.setdefault(reason_of(item), []).append(item)
    refusals = []
    for code, (first, *others) in by_reason.items():
        name = names.get(first.idnumber, first.idnumber)
        n = 1 + len(others)
        refusals.append(Refused(code, n=n, first=name, outcome=first.outcome, reason=first.message))
    if refusals:
        refusals[0].others = tuple(refusals[1:])
        raise refusals[0]


# What the site or the connector says of an item that was not taken → the code of its sentence.
_REASONS: Mapping[str, str] = {
    "testhasattempts": "sync.test_begun",
    "versionconflict": "sync.question_changed",
    "unknowncourse": "sync.course_missing",
    "unknownbank": "sync.course_missing",
    "invalidquestion": "sync.test_question_missing",
    "notenoughquestions": "sync.test_question_missing",
    "changed since the plan was made": "sync.overtaken",
}


def reason_of(item: ItemReport) -> str:
    """The code of the sentence that says why an item was not taken and what to do."""
    if item.kind == "save_person" and item.outcome == "conflict":
        administrator = item.message.startswith("an administrator")
        return "sync.person_administrator" if administrator else "sync.person_taken"
    if item.kind == "save_enrolment" and item.message == "there is no such person":
        return "sync.person_missing"
    if item.kind in ("create_question", "new_version", "move_question") and item.outcome == "conflict":
        return "sync.question_changed"
    return _REASONS.get(item.message, "sync.items_failed")
