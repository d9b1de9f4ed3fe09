"""Background jobs: each calls one use case and reports how far it is. A job may run again after a crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask_app.domain.errors import Refused, Unreachable
from flask_app.domain.identity import Actor
from flask_app.ports.failpoints import failpoint
from flask_app.ports.moodle import ForeignDecision
from flask_app.services import audit
from flask_app.services.bodies import actor_of
from flask_app.services.hints import moodle_actor
from flask_app.services.item_statistics_count import JOB, count_all, count_later
from flask_app.services.office import Office
from flask_app.services.papers import draft_paper
from flask_app.services.results import pull_results, pull_without_plugin
from flask_app.services.synchronisation import push_session, push_training, sync_banks
from flask_app.services.training import pull_completions
from flask_app.store.progress import ProgressBook
from flask_app.store.queue import TaskRegistry

OfficeSource = Callable[[], Office]


def register(tasks: TaskRegistry, office: OfficeSource, progress: ProgressBook) -> None:
    """Make the jobs known to workers and to whoever queues them."""

    def task(work: Callable[[Office, Actor, Mapping[str, Any], Callable[[int, int], None]], None]) -> Any:
        def run(arguments: Mapping[str, Any], progress_id: UUID) -> None:
            desk = office()
            hinted = arguments.get("hinted")
            actor = actor_of(desk, str(arguments["login"])) if hinted is None else moodle_actor(UUID(hinted))
            work(desk, actor, arguments, lambda done, total: progress.report(progress_id, done, total))

        return run

    tasks.register("sync_banks", task(_sync_banks))
    tasks.register("push_session", task(_push_session))
    tasks.register("push_training", task(_push_training))
    tasks.register("pull_results", task(_pull_results))
    tasks.register("pull_without_plugin", task(_pull_without_plugin))
    tasks.register("pull_completions", task(_pull_completions))
    tasks.register(JOB, task(_count_figures))
    tasks.register("draft_papers", task(_draft_papers))
    tasks.register("seal_audit", task(_seal_audit))


Report = Callable[[int, int], None]


def _sync_banks(office: Office, actor: Actor, arguments: Mapping[str, Any], report: Report) -> None:
    sync_banks(
        office,
        actor,
        str(arguments["course"]),
        report,
        banks=tuple(arguments.get("banks", ())),
        decisions=[ForeignDecision(*decided) for decided in arguments.get("decisions", ())],
        plan_hash=str(arguments.get("plan", "")),
    )
    _count_later(office, actor, arguments, changed=True)


def _push_session(office: Office, actor: Actor, arguments: Mapping[str, Any], report: Report) -> None:
    reviewed = str(arguments.get("plan", ""))
    push_session(office, actor, UUID(arguments["competition"]), report, plan_hash=reviewed)


def _push_training(office: Office, actor: Actor, arguments: Mapping[str, Any], report: Report) -> None:
    push_training(office, actor, UUID(arguments["order"]), report, plan_hash=str(arguments.get("plan", "")))


def _pull_results(office: Office, actor: Actor, arguments: Mapping[str, Any], report: Report) -> None:
    with _one_after_the_other():
        found = pull_results(office, actor, UUID(arguments["competition"]))
    _count_later(office, actor, arguments, changed=bool(found.new or found.revised))
    report(found.total, found.total)


def _pull_without_plugin(office: Office, actor: Actor, arguments: Mapping[str, Any], report: Report) -> None:
    with _one_after_the_other():
        found = pull_without_plugin(office, actor, UUID(arguments["competition"]))
    _count_later(office, actor, arguments, changed=bool(found.new or found.revised))
    report(found.total, found.total)


def _pull_completions(office: Office, actor: Actor, arguments: Mapping[str, Any], report: Report) -> None:
    with _one_after_the_other():
        pull_completions(office, actor, UUID(arguments["order"]))
    report(1, 1)


@contextmanager
def _one_after_the_other() -> Iterator[None]:
    """Another worker pulls the same. It may have read past what this job was queued for, so this one waits its turn."""
    try:
        yield
    except Refused as refusal:
        if refusal.code != "results.pulling":
            raise
        raise Unreachable(refusal.code, refusal.rule, **refusal.params) from refusal


def _count_later(office: Office, actor: Actor, arguments: Mapping[str, Any], *, changed: bool) -> None:
    """In the name of whoever this job works for."""
    own = {name: arguments[name] for name in ("login", "hinted") if name in arguments}
    with office.work(actor) as work:
        count_later(work, own, changed=changed)


def _count_figures(office: Office, actor: Actor, _arguments: Mapping[str, Any], report: Report) -> None:
    count_all(office, actor, report)


def _draft_papers(office: Office, actor: Actor, arguments: Mapping[str, Any], report: Report) -> None:
    """A batch: each paper is its own transaction, so that an interrupted batch keeps what is done and goes on."""
    batch: list[Mapping[str, Any]] = arguments["papers"]
    for done, wanted in enumerate(batch, start=1):
        with office.work(actor) as work:
            draft_paper(work, wanted["kind"], UUID(wanted["subject"]), wanted.get("parameters"))
        failpoint("papers.between")
        report(done, len(batch))


def _seal_audit(office: Office, _actor: Actor, _arguments: Mapping[str, Any], report: Report) -> None:
    audit.seal_all(office)
    report(1, 1)
