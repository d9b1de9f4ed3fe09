"""Moodle and the panel: banks brought there by a reviewed plan, runs, drift side by side, the connection examined."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from flask_app.domain.errors import NotFound, OutsideError
from flask_app.domain.workflow import Refusal
from flask_app.ports.moodle import GOOD_OUTCOMES, ForeignDecision, SiteFinding, SyncPlan
from flask_app.services import (
    bank_by_hand,
    connection_desk,
    drift,
    hint_desk,
    job_desk,
    sync_desk,
    sync_history,
    synchronisation,
)
from flask_app.services.bank_rights import may, require
from flask_app.services.connection_desk import Examination
from flask_app.services.hint_desk import HintSecret
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.sync_desk import Wish
from flask_app.web.announcing.forms import Form
from flask_app.web.area import Area
from flask_app.web.fields import choice_of, page_of, text_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Why, Wording

AREA = Area("moodle")

COURSE = re.compile(r"[^\s/\\]{1,100}")
MISSING = frozenset({"doctor.function_missing", "doctor.core_function_missing"})
HAND_STEPS = 6
"""Lines of the note that goes with a bank carried by hand: `label.byhand_step_1` …"""
HAND_TYPES = {"gift": "text/plain; charset=utf-8", "xml": "application/xml; charset=utf-8"}
OUTCOMES = (*sorted(GOOD_OUTCOMES), "conflict", "invalid", "missing")
TAKE = re.compile(r"([^|\s]{1,100})\|([^|\s]{1,100})\|([0-9]{1,9})")
"""A decision as a form carries it: bank, question, version that was seen."""


@dataclass(frozen=True, slots=True)
class Told:
    """A finding about the site, in the reader's words. `means`: what cannot be done without the function it names."""

    level: str
    why: Why
    means: str = ""


# -- banks to Moodle ---------------------------------------------------------------------------------------------------


@AREA.get("/moodle")
def index(visit: Visit) -> ResponseReturnValue:
    return _start_page(visit)


def _start_page(visit: Visit, form: Form | None = None, chosen: tuple[str, ...] | None = None) -> str:
    with visit.work() as work:
        start, runs = sync_desk.start_of(work), sync_history.runs(work, page_of(request.args))
        word = _word(visit, work)
        names = tuple(name for name, _, _ in start.banks) if chosen is None else chosen
        return visit.page(
            "moodle/start.html",
            word=word,
            start=start,
            runs=runs,
            chosen=names,
            entered=form or Form(word),
            may_sync=may(work.actor, "sync"),
            may_examine=may(work.actor, "examine"),
        )


@AREA.get("/moodle/plan")
def plan(visit: Visit) -> ResponseReturnValue:
    """What would change in Moodle, question by question, before anything does. Writes nothing anywhere."""
    require(visit.actor, "sync")
    wish, form = _wish(visit, request.args)
    if wish is None:
        return _start_page(visit, form, tuple(request.args.getlist("bank"))), 422
    return _plan_page(visit, wish, _plan(visit, wish))


@AREA.post("/moodle/plan")
def carry_out(visit: Visit) -> ResponseReturnValue:
    """Queue exactly the plan that was reviewed; of another one, show it first."""
    require(visit.actor, "sync")
    wish, form = _wish(visit, request.form)
    if wish is None:
        return _start_page(visit, form, tuple(request.form.getlist("bank"))), 422
    made = _plan(visit, wish)
    if made.hash != request.form.get("plan", ""):
        return _plan_page(visit, wish, made, changed=True), 409
    with visit.work() as work:
        job = sync_desk.queue_sync(work, wish, made.hash)
    return redirect(url_for("moodle.job", job=job), 303)


def _wish(visit: Visit, sent: MultiDict[str, str]) -> tuple[Wish | None, Form]:
    """What the form asks for, or None with its mistakes noted."""
    with visit.work() as work:
        known = {name for name, _, _ in sync_desk.start_of(work).banks}
        form = Form(_word(visit, work)).put(course=text_of(sent, "course"))
    banks = tuple(name for name in sent.getlist("bank") if name in known)
    if not COURSE.fullmatch(form["course"]):
        form.refuse("course", "mo_problem_course")
    if not banks:
        form.refuse("bank", "mo_problem_banks")
    taken = [found for found in map(TAKE.fullmatch, sent.getlist("take")) if found is not None]
    decisions = tuple(ForeignDecision(found[1], found[2], int(found[3])) for found in taken if found[1] in banks)
    return (Wish(form["course"], banks, decisions) if form.ok else None), form


def _plan(visit: Visit, wish: Wish) -> SyncPlan:
    """Moodle is asked outside any transaction."""
    with visit.work() as work:
        wanted = synchronisation.banks_wanted(work, wish.course, wish.banks, wish.decisions)
    return synchronisation.plan(visit.panel.office, visit.actor, wanted)


def _plan_page(visit: Visit, wish: Wish, made: SyncPlan, *, changed: bool = False) -> str:
    kind, page = choice_of(request.args, "kind", sync_desk.ORDER), page_of(request.args)
    there = sync_desk.look(visit.panel.office, visit.actor, made, kind, page)
    with visit.work() as work:
        found = sync_desk.plan_page(work, made, wish, kind, page, there)
        takes = [f"{d.bank}|{d.idnumber}|{d.version}" for d in wish.decisions]
        arguments = {"course": wish.course, "bank": list(wish.banks), "take": takes}
        return visit.page(
            "moodle/plan.html",
            word=_word(visit, work),
            shown=found,
            plan=made,
            takes=takes,
            arguments=arguments,
            changed=changed,
        )


@AREA.get("/moodle/jobs/<uuid:job>")
def job(visit: Visit, job: UUID) -> ResponseReturnValue:
    """How far the job is; the page renews itself while it runs, with a script and without."""
    with visit.work() as work:
        row = _job(work, job)
        word = _word(visit, work)
        why = word.why(Refusal(row.message_code or "job.lost", params=row.params))
        runs = sync_history.runs(work, 1).rows
        return visit.page(
            "moodle/job.html",
            word=word,
            job=row,
            why=why,
            run=runs[0] if runs and not row.open else None,
            may_sync=may(work.actor, "sync"),
        )


@AREA.post("/moodle/jobs/<uuid:job>/stop")
def stop(visit: Visit, job: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        row = _job(work, job)
        require(work.actor, "sync")
        job_desk.ask_to_stop(work, row)
    return redirect(url_for("moodle.job", job=job), 303)


def _job(work: Work, id_: UUID) -> job_desk.JobRow:
    if not may(work.actor, "view_sync"):
        raise NotFound("object.unknown", type="Job")
    return job_desk.job_of(work, id_, (sync_desk.JOB_KEY,))


@AREA.get("/moodle/runs/<uuid:id_>")
def run(visit: Visit, id_: UUID) -> ResponseReturnValue:
    outcome = choice_of(request.args, "outcome", OUTCOMES)
    with visit.work() as work:
        found = sync_history.run_page(work, id_, outcome, page_of(request.args))
        return visit.page("moodle/run.html", word=_word(visit, work), shown=found, run=found.run, outcome=outcome)


# -- drift -------------------------------------------------------------------------------------------------------------


@AREA.get("/moodle/drift")
def changes(visit: Visit) -> ResponseReturnValue:
    """What stands in Moodle at this moment beside what the panel holds. Writes nothing."""
    office, actor = visit.panel.office, visit.actor
    found = drift.drift_page(office, actor, drift.look_around(office, actor), page_of(request.args))
    with visit.work() as work:
        return visit.page("moodle/drift.html", word=_word(visit, work), shown=found, course=sync_desk.last_course(work))


@AREA.post("/moodle/drift")
def note_changes(visit: Visit) -> ResponseReturnValue:
    """Look in Moodle and keep what was seen, so that the lists tell of it."""
    require(visit.actor, "sync")
    seen = drift.look_around(visit.panel.office, visit.actor)
    with visit.work() as work:
        drift.note_seen(work, seen)
    return redirect(url_for("moodle.changes"), 303)


@AREA.post("/moodle/drift/<uuid:id_>/text")
def their_text(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """A question as it stands in Moodle, as Moodle XML, to be taken into the bank by hand. It holds the key: a form."""
    idnumber = text_of(request.form, "question")
    code, xml = drift.their_xml(visit.panel.office, visit.actor, id_, idnumber)
    name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{code}-{idnumber}") + ".xml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(xml, content_type="application/xml; charset=utf-8", headers=headers)


# -- connection --------------------------------------------------------------------------------------------------------


@AREA.get("/moodle/connection")
def connection(visit: Visit) -> ResponseReturnValue:
    """What is examined, and how the hints fare. The site is asked on request only: it takes a few seconds."""
    require(visit.actor, "examine")
    with visit.work() as work:
        return _connection_page(visit, work)


@AREA.post("/moodle/connection")
def examine(visit: Visit) -> ResponseReturnValue:
    began = visit.panel.office.clock.now()
    findings = connection_desk.examine(visit.panel.office, visit.actor)
    with visit.work() as work:
        return _connection_page(visit, work, connection_desk.note_examination(work, findings, began))


def _connection_page(
    visit: Visit,
    work: Work,
    found: Examination | None = None,
    *,
    secret: HintSecret | None = None,
    trouble: OutsideError | None = None,
) -> str:
    """`secret`: made just now and not known to Moodle, because of `trouble`; shown this once."""
    word, hints = _word(visit, work), hint_desk.standing(work)
    said = [_told(word, finding) for finding in (found.findings if found else ())]
    poor = found is not None and found.lacks_plugin
    return visit.page(
        "moodle/connection.html",
        word=word,
        found=found,
        said=said,
        hints=hints,
        url=_hint_url(visit, hints.id) if hints else "",
        secret=secret,
        trouble=None if trouble is None else word.why(trouble),
        may_connect=may(work.actor, "connect"),
        missing=connection_desk.PLUGIN_FUNCTIONS if poor else (),
        banks=bank_by_hand.banks_by_hand(work) if poor else (),
    )


def _told(word: Wording, finding: SiteFinding) -> Told:
    name = f"fn_{str(finding.params.get('function', '')).removeprefix('local_kyzmat_')}"
    means = word.say(name) if finding.code in MISSING and word.known(name) else ""
    return Told(finding.level, word.why(Refusal(finding.code, params=dict(finding.params))), means)


@AREA.post("/moodle/connection/hints")
def set_hints(visit: Visit) -> ResponseReturnValue:
    """A new secret, told to Moodle at once. Where Moodle does not confirm it, the one before stays good."""
    with visit.work() as work:
        made = hint_desk.renew(work)
    url = _hint_url(visit, made.address)
    try:
        hint_desk.tell(visit.panel.office, visit.actor, made, url)
    except OutsideError as trouble:
        with visit.work() as work:
            return _connection_page(visit, work, secret=made, trouble=trouble), 503
    with visit.work() as work:
        hint_desk.note_told(work, made, url)
    return redirect(url_for("moodle.connection"), 303)


@AREA.post("/moodle/connection/hints/stop")
def stop_hints(visit: Visit) -> ResponseReturnValue:
    """No hint is believed from now on, whether or not Moodle can be told to send none."""
    with visit.work() as work:
        opkey = hint_desk.take_back(work)
    try:
        hint_desk.stop(visit.panel.office, visit.actor, opkey)
    except OutsideError as trouble:
        with visit.work() as work:
            return _connection_page(visit, work, trouble=trouble), 503
    return redirect(url_for("moodle.connection"), 303)


def _hint_url(visit: Visit, address: UUID) -> str:
    """The address as Moodle must write it: the panel's own where one is set, else as this browser reached it."""
    base = visit.panel.settings.public_url or request.host_url.rstrip("/")
    return base + url_for("hooks.moodle", address=address)


# -- without the plugin ------------------------------------------------------------------------------------------------


@AREA.get("/moodle/by-hand/<uuid:id_>")
def by_hand(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """How a bank is loaded into a Moodle without the plugin, step by step."""
    with visit.work() as work:
        found = bank_by_hand.by_hand(work, id_)
        return visit.page("moodle/by_hand.html", word=_word(visit, work), found=found, steps=range(1, HAND_STEPS + 1))


@AREA.post("/moodle/by-hand/<uuid:id_>/<string(maxlength=40):form>")
def hand_out(visit: Visit, id_: UUID, form: str) -> ResponseReturnValue:
    """The file. A form, not a link: it holds every right answer, and handing it out is noted."""
    with visit.work() as work:
        file = bank_by_hand.hand_out(work, id_, form)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.text, content_type=HAND_TYPES[form], headers=headers)


def _word(visit: Visit, work: Work) -> Wording:
    return Wording(visit.language, local_time(work).today)
