"""Lists are worked on in a fixed number of statements: three hundred candidates take no more of them than three."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Engine, event

from flask_app.demo.applicants import spreadsheet
from flask_app.services.applicants_import import import_applicants
from flask_app.services.applications import choose_language, move_applications
from flask_app.services.notices import notify_of_test
from flask_app.services.office import Work
from flask_app.services.paper_facts.protocol import protocol
from flask_app.services.paper_facts.result_sheet import result_sheet
from flask_app.services.papers import draft_paper
from flask_app.services.results import enter_results, pull_results
from flask_app.services.test_sessions import schedule_session
from flask_app.services.transitions import act_on
from flask_app.store.models.documents import Document
from tests.services.desk import TODAY
from tests.services.stages import Scene, session

EARLIER = TODAY - timedelta(days=24)
BATCHES = 2
"""The driver cuts long inserts into batches: one more statement per table at most, at these sizes."""


@contextmanager
def counted(scene: Scene) -> Iterator[list[str]]:
    with scene.office.sessions() as opened:
        engine = opened.get_bind()
    assert isinstance(engine, Engine)
    statements: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def cost(scene: Scene, act: Callable[[Work], object]) -> int:
    """Statements of one use case, which is rolled back."""
    with counted(scene) as statements, suppress(Undone), scene.work() as work:
        act(work)
        work.session.flush()
        raise Undone
    return len(statements)


class Undone(Exception):
    """Rolls a use case back that went well."""


def test_moving_a_list(screening: Scene) -> None:
    ids = screening.ids()

    def admit(work: Work, many: int) -> None:
        move_applications(work, screening.competition, ids[:many], "admit", act_on(work, EARLIER))

    assert cost(screening, partial(admit, many=1)) == cost(screening, partial(admit, many=7)) < 20


def test_choosing_languages_and_notifying(screening: Scene) -> None:
    screening.move_all("under_screening", "admit", EARLIER)
    with screening.work() as work:
        schedule_session(work, screening.competition, session())
    ids, day = screening.ids(), TODAY - timedelta(days=8)

    def choose(work: Work, many: int) -> None:
        choose_language(work, screening.competition, ids[:many], "ru")

    def notify(work: Work, many: int) -> None:
        notify_of_test(work, screening.competition, ids[:many], "под подпись", act_on(work, day, "журнал"))

    for act in (choose, notify):
        assert cost(screening, partial(act, many=1)) == cost(screening, partial(act, many=7)) < 25


def test_importing_a_file(synced_offline: Scene) -> None:
    competition = synced_offline.build.open_for_documents()

    def load(many: int) -> int:
        content = spreadsheet(many)
        return cost(synced_offline, lambda work: import_applicants(work, competition, content, "list.xlsx", EARLIER))

    assert load(60) <= load(3) + 5 * BATCHES


def test_entering_results(sat: Scene) -> None:
    pull_results(sat.office, sat.actor, sat.competition)
    assert cost(sat, lambda work: enter_results(work, sat.competition, TODAY)) < 60


def test_printing_the_sheet_and_the_protocol(decided: Scene) -> None:
    def gather(work: Work, paper: UUID, facts: Callable[[Work, Document], object]) -> None:
        facts(work, work.get(Document, paper))

    for kind, facts, most in (("D11", result_sheet, 20), ("D16", protocol, 45)):
        with decided.work() as work:
            paper = draft_paper(work, kind, decided.competition)[0].id
        assert cost(decided, partial(gather, paper=paper, facts=facts)) < most
