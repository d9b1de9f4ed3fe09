"""Applicants from a spreadsheet as offices send it: previewed, registered once, told row by row, kept sealed."""

from __future__ import annotations

import io
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import func, select, text

from flask_app.demo.applicants import HEAD, InventedApplicant, spreadsheet
from flask_app.domain.errors import InvalidInput, NotFound, NotPermitted, Refused
from flask_app.domain.identity import AUDITOR, Actor
from flask_app.domain.names import fold_name
from flask_app.messages.catalogue import explain
from flask_app.services.applicants_import import ImportReport, import_applicants, preview_applicants
from flask_app.services.applicants_upload import file_report, preview_upload
from flask_app.services.applications import applications_of, choose_for
from flask_app.services.commissions import members_of
from flask_app.services.competition_facts import competition_facts
from flask_app.services.facts_of_many.competitions import competition_facts_of
from flask_app.services.office import Office
from flask_app.store.models.applications import Application
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.commissions import CommissionMember
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition, StageRecord
from flask_app.web.wording import Wording
from tests.services.building import Build
from tests.services.desk import TODAY, FrozenClock, actor_with, new_body

SAMPLES = Path(__file__).parent.parent / "data" / "applicants"
MESSY = (SAMPLES / "candidates.xlsx").read_bytes()
EXPECTED: dict[str, Any] = tomllib.loads((SAMPLES / "candidates.expected.toml").read_text(encoding="utf-8"))
RECEIVED = TODAY - timedelta(days=20)


@pytest.fixture
def build(office: Office, everybody: Actor, clock: FrozenClock) -> Build:
    """On the day the sample was judged by hand: ages and lengths of service are read against it."""
    clock.moment = datetime(2026, 11, 21, 6, tzinfo=UTC)
    return Build(office, everybody)


def load(build: Build, competition: UUID, content: bytes = MESSY, day: date = RECEIVED) -> ImportReport:
    with build.office.work(build.actor) as work:
        return import_applicants(work, competition, content, "список.xlsx", day)


def counted(build: Build) -> tuple[int, int]:
    """People of personal numbers, and applications."""
    with build.office.work(build.actor) as work:
        people = select(func.count()).select_from(Person).where(Person.personal_number_index.is_not(None))
        applications = select(func.count()).select_from(Application)
        return work.session.scalar(people) or 0, work.session.scalar(applications) or 0


def test_good_rows_go_in_and_the_others_are_told(build: Build) -> None:
    competition = build.open_for_documents()
    report = load(build, competition)
    assert [applicant.row for applicant in report.registered] == [int(row) for row in EXPECTED["accepted"]]
    assert [row.row for row in report.refused] == [int(row) for row in EXPECTED["refused"]]
    for refused in report.refused:
        codes = [code for _, code in EXPECTED["refused"][str(refused.row)]]
        assert [problem.code for problem in refused.problems] == codes
    assert counted(build) == (len(EXPECTED["accepted"]),) * 2


def test_applications_are_numbered_in_the_order_of_the_file(build: Build) -> None:
    competition = build.open_for_documents()
    load(build, competition)
    with build.office.work(build.actor) as work:
        applications = applications_of(work, competition)
        assert [a.number for a in applications] == list(range(1, len(EXPECTED["accepted"]) + 1))
        assert [a.source["row"] for a in applications] == [int(row) for row in EXPECTED["accepted"]]
        names = [work.get(Person, a.person_id).name for a in applications]
        assert names == [row[0] for row in EXPECTED["accepted"].values()]
        assert {(a.state, a.version) for a in applications} == {("registered", 2)}
        records = work.session.scalars(select(StageRecord.happened_on).where(StageRecord.object_type == "application"))
        assert set(records) == {RECEIVED}


def test_the_length_of_service_is_kept_as_the_list_tells_it(build: Build) -> None:
    competition = build.open_for_documents()
    people = (
        ("Асанов Азамат Асан уулу", "20103199000012", "01.03.1990", "12 лет 5 мес.", "3"),
        ("Бакирова Айгүл Бакытовна", "10204199100013", "02.04.1991", "0", ""),
    )
    heads = "ФИО;ПИН;Дата рождения;Образование;Общий стаж службы;Стаж по специальности;Документы полностью"
    lines = [f"{name};{number};{born};высшее;{service};{own};да" for name, number, born, service, own in people]
    report = load(build, competition, "\n".join([heads, *lines]).encode())
    assert report.refused == ()
    with build.office.work(build.actor) as work:
        kept = work.session.execute(
            select(Application.service_months, Application.specialty_months).order_by(Application.number)
        ).all()
    assert [tuple(row) for row in kept] == [(149, 36), (0, None)]


def test_a_report_reads_its_list_as_of_the_day_it_came(build: Build, clock: FrozenClock) -> None:
    """Who was too young to apply is so in the report of a year later, too."""
    competition = build.open_for_documents()
    heads = "ФИО;ПИН;Дата рождения;Образование;Общий стаж службы;Документы полностью"
    people = ("Асанов Азамат Асан уулу;20103199000012;01.03.1990", "Бакиров Бек Асанович;22212201000013;22.12.2010")
    content = "\n".join([heads, *(f"{who};высшее;0;да" for who in people)]).encode()
    with build.office.work(build.actor) as work:
        upload, _ = preview_upload(work, competition, content, "список.csv")
    report = load(build, competition, content)
    assert [len(report.registered), len(report.refused)] == [1, 1], report
    clock.moment += timedelta(days=365)
    with build.office.work(build.actor) as work:
        _, shown = file_report(work, competition, upload.sha256, upload.seal)
    assert (shown.registered, shown.refused) == (report.registered, report.refused)


def test_a_preview_saves_nothing(build: Build) -> None:
    competition = build.open_for_documents()
    with build.office.work(build.actor) as work:
        seen = preview_applicants(work, competition, MESSY)
    assert counted(build) == (0, 0)
    assert load(build, competition) == seen


@pytest.mark.both_engines
def test_the_same_file_twice_registers_nobody_twice(build: Build) -> None:
    competition = build.open_for_documents()
    first = load(build, competition)
    again = load(build, competition)
    assert again.registered == ()
    assert again.known == first.registered
    assert again.refused == first.refused
    assert counted(build) == (len(first.registered),) * 2


def test_a_longer_file_adds_whom_it_adds(build: Build) -> None:
    competition = build.open_for_documents()
    load(build, competition, spreadsheet(5))
    report = load(build, competition, spreadsheet(8))
    assert (len(report.registered), len(report.known)) == (3, 5)
    with build.office.work(build.actor) as work:
        assert [a.number for a in applications_of(work, competition)] == list(range(1, 9))


def test_somebody_known_from_another_competition_is_one_person(build: Build) -> None:
    load(build, build.open_for_documents())
    load(build, build.open_for_documents())
    people, applications = counted(build)
    assert applications == 2 * people == 2 * len(EXPECTED["accepted"])


def test_what_a_later_file_leaves_out_stays_known(build: Build) -> None:
    first = build.open_for_documents()
    load(build, first, spreadsheet(2))
    with build.office.work(build.actor) as work:
        person = work.get(Person, applications_of(work, first)[0].person_id)
        person.email = "known@example.kg"
        person_id = person.id
    load(build, build.open_for_documents(), spreadsheet(2))
    with build.office.work(build.actor) as work:
        assert work.get(Person, person_id).email == "known@example.kg"


def saying(language: str, people: int = 2) -> bytes:
    """A list whose last column says the language of the test."""
    book = openpyxl.load_workbook(io.BytesIO(spreadsheet(people)))
    page = book.worksheets[0]
    (head,) = [row for row in page.iter_rows() if any("ПИН" in str(cell.value) for cell in row)]
    for offset, said in enumerate(["Язык теста"] + [language] * people):
        page.cell(int(head[0].row or 0) + offset, len(HEAD) + 1, said)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_list_never_changes_a_language_that_somebody_has_chosen(build: Build) -> None:
    elsewhere, here = build.open_for_documents(), build.open_for_documents()
    load(build, elsewhere, spreadsheet(2))
    with build.office.work(build.actor) as work:
        chosen, open_ = (work.get(Person, one.person_id) for one in applications_of(work, elsewhere))
        choose_for(work, chosen, "ky")
        ids = [chosen.id, open_.id]
    with build.office.work(build.actor) as work:
        upload, seen = preview_upload(work, here, saying("русский"), "список.xlsx")
    report = load(build, here, saying("русский"))
    with build.office.work(build.actor) as work:
        _, shown = file_report(work, here, upload.sha256, upload.seal)
        assert [(work.get(Person, id_).language, work.get(Person, id_).language_chosen) for id_ in ids] == [
            ("ky", True),
            ("ru", True),
        ]
    for notes in (seen.notes, report.notes, shown.notes):
        (note,) = [note for note in notes if note.code == "APPLICANT_LANGUAGE_KEPT"]
        said = explain(note.code, "ru", Wording("ru", TODAY).spoken(note.sentence_params()))
        assert said.text.endswith(
            "в списке язык теста русский, а для этого человека раньше выбран кыргызский; он и остаётся."
        )
        assert note.row == report.registered[0].row
    agreeing = load(build, build.open_for_documents(), saying("кыргызча", 1))
    assert "APPLICANT_LANGUAGE_KEPT" not in {note.code for note in agreeing.notes}


def test_bodies_do_not_share_people(build: Build, office: Office) -> None:
    load(build, build.open_for_documents(), spreadsheet(2))
    other = Build(office, replace(actor_with(office, new_body(office)), roles=build.actor.roles))
    load(other, other.open_for_documents(), spreadsheet(2))
    assert counted(build) == counted(other) == (2, 2)


@pytest.mark.both_engines
def test_no_personal_number_is_kept_in_clear(build: Build) -> None:
    load(build, build.open_for_documents())
    numbers = [row[1] for row in EXPECTED["accepted"].values()]
    with build.office.work(build.actor) as work:
        tables = work.session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        rows = [row for name in tables for row in work.session.scalars(text(f'SELECT t::text FROM "{name}" t'))]
        sealed = work.session.scalars(select(Person.personal_number_sealed).where(Person.personal_number_index != ""))
        opened = {work.office.sealer.open(blob) for blob in sealed if blob}
    everything = "\n".join(rows)
    assert "Асанов Азамат Асан уулу" in everything, "the search would find what is there"
    for number in numbers:
        assert number not in everything
        assert number.encode().hex() not in everything
    assert opened == set(numbers)


def test_the_log_tells_file_and_figures(build: Build) -> None:
    report = load(build, build.open_for_documents())
    with build.office.work(build.actor) as work:
        event = work.session.scalars(select(AuditEvent).where(AuditEvent.action == "applications.imported")).one()
    assert event.after["file"] == "список.xlsx"
    assert (event.after["registered"], event.after["refused"]) == (len(report.registered), len(report.refused))


def test_who_may_not_import_does_not(build: Build, office: Office, body: UUID) -> None:
    competition = build.open_for_documents()
    auditor = Build(office, actor_with(office, body, AUDITOR))
    with pytest.raises(NotPermitted):
        load(auditor, competition)
    with pytest.raises(NotFound):
        load(Build(office, actor_with(office, new_body(office), "hr_officer")), competition)


def test_after_the_documents_are_closed_nothing_comes_in(build: Build) -> None:
    competition = build.open_for_documents()
    build.move(competition, "close_documents", TODAY - timedelta(days=10))
    with pytest.raises(NotPermitted):
        load(build, competition)


def test_documents_are_not_closed_before_the_last_application(build: Build) -> None:
    competition = build.open_for_documents()
    load(build, competition, spreadsheet(2))
    with build.office.work(build.actor) as work:
        row = work.get(Competition, competition)
        assert competition_facts(work, row).last_applied_on == RECEIVED
        assert competition_facts_of(work, [row])[row.id] == competition_facts(work, row)
    with pytest.raises(Refused) as refused:
        build.move(competition, "close_documents", RECEIVED - timedelta(days=1))
    assert refused.value.code == "competition.applied_later"
    build.move(competition, "close_documents", RECEIVED)


def test_nothing_is_received_tomorrow(build: Build, clock: FrozenClock) -> None:
    competition = build.open_for_documents()
    with pytest.raises(Refused) as refused:
        load(build, competition, day=clock.moment.date() + timedelta(days=1))
    assert refused.value.code == "act.in_the_future"
    assert counted(build) == (0, 0)


def test_nothing_is_received_before_the_documents_were_opened(build: Build) -> None:
    competition = build.open_for_documents()
    opened = TODAY - timedelta(days=44)
    with pytest.raises(Refused) as refused:
        load(build, competition, spreadsheet(2), opened - timedelta(days=1))
    assert refused.value.code == "application.received_before_opening"
    assert refused.value.params == {"received_on": opened - timedelta(days=1), "opened_on": opened}
    assert counted(build) == (0, 0)
    assert len(load(build, competition, spreadsheet(2), opened).registered) == 2


def seat(build: Build, competition: UUID, **changes: object) -> UUID:
    """A member of the competition's commission, who is given these values."""
    with build.office.work(build.actor) as work:
        commission = work.get(Competition, competition).commission_id
        assert commission is not None
        member = next(member for member in members_of(work, commission) if member.role == "member")
        person = work.get(Person, member.person_id)
        for name, value in changes.items():
            setattr(person, name, value)
        return member.id


NUMBER = InventedApplicant(0).personal_number
NAME = fold_name(InventedApplicant(0).name)
BORN = InventedApplicant(0).birth_date
NAME_WRITTEN = InventedApplicant(0).name


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"number": NUMBER}, "APPLICANT_SITS_ON_COMMISSION"),
        ({"folded_name": NAME, "birth_date": BORN}, "APPLICANT_SITS_ON_COMMISSION"),
        ({"folded_name": NAME}, "APPLICANT_NAMED_AS_MEMBER"),
        ({"folded_name": NAME, "birth_date": BORN - timedelta(days=1)}, ""),
        ({"birth_date": BORN}, ""),
    ],
)
def test_a_member_of_the_commission_among_the_candidates_is_told(
    build: Build, known: dict[str, object], code: str
) -> None:
    competition, number = build.open_for_documents(), known.get("number")
    changes = {name: value for name, value in known.items() if name != "number"}
    if number:
        changes["personal_number_index"] = build.office.sealer.index(str(number))
    member = seat(build, competition, **changes)
    with build.office.work(build.actor) as work:
        upload, seen = preview_upload(work, competition, spreadsheet(2), "список.xlsx")
    report = load(build, competition, spreadsheet(2))
    assert len(report.registered) == 2, "nobody is kept out"
    with build.office.work(build.actor) as work:
        _, shown = file_report(work, competition, upload.sha256, upload.seal)
    otherwise = ("APPLICANT_BIRTH_DIFFERS", "APPLICANT_NAME_KEPT")  # of the member, whose number the list has
    told = [warning for warning in seen.warnings if warning.code not in otherwise]
    assert [(one.code, one.row) for one in told] == ([(code, report.registered[0].row)] if code else [])
    assert report.warnings == shown.warnings == seen.warnings
    for language in ("ky", "ru", "en"):
        for one in told:
            said = explain(one.code, language, Wording(language, TODAY).spoken(one.sentence_params()))
            assert said.text
            assert said.why
            assert said.cure
    with build.office.work(build.actor) as work:
        work.get(CommissionMember, member).ended_on = TODAY
    left = load(build, competition, spreadsheet(2)).warnings
    assert {warning.code for warning in left} <= set(otherwise), "who has left judges nobody"


def test_a_birth_date_that_differs_from_the_kept_one_is_told_and_stays(build: Build) -> None:
    first, second = build.open_for_documents(), build.open_for_documents()
    load(build, first, spreadsheet(2))
    with build.office.work(build.actor) as work:
        person = work.get(Person, applications_of(work, first)[0].person_id)
        person.birth_date = BORN - timedelta(days=1)
        person_id = person.id
    for competition in (first, second):
        report = load(build, competition, spreadsheet(2))
        (warning,) = report.warnings
        assert warning.code == "APPLICANT_BIRTH_DIFFERS"
        said = explain(warning.code, "ru", Wording("ru", TODAY).spoken(warning.sentence_params()))
        assert said.text.endswith(
            "в списке дата рождения 05.03.1972, а у человека с этим ПИН записана другая; она и остаётся."
        )
    with build.office.work(build.actor) as work:
        assert work.get(Person, person_id).birth_date == BORN - timedelta(days=1)


def test_a_name_that_differs_from_the_kept_one_is_told_where_it_stays(build: Build) -> None:
    """In this competition and in another: papers in force, of a winner perhaps, were made out to the kept one."""
    first, second = build.open_for_documents(), build.open_for_documents()
    load(build, first, spreadsheet(2))
    with build.office.work(build.actor) as work:
        person = work.get(Person, applications_of(work, first)[0].person_id)
        person.name, person_id = "Абдыев Азамат Асан уулу", person.id
    (warning,) = load(build, first, spreadsheet(2)).warnings
    assert warning.code == "APPLICANT_NAME_KEPT"
    said = explain(warning.code, "ru", Wording("ru", TODAY).spoken(warning.sentence_params()))
    assert said.text == (
        f"Строка 5: в списке имя «{NAME_WRITTEN}», а у человека с этим ПИН записано «Абдыев Азамат Асан уулу»; "
        "оно и остаётся."
    )
    with build.office.work(build.actor) as work:
        assert work.get(Person, person_id).name == "Абдыев Азамат Асан уулу"
    elsewhere = load(build, second, spreadsheet(2))
    assert [one.code for one in elsewhere.warnings] == ["APPLICANT_NAME_KEPT"]
    assert len(elsewhere.registered) == 2, "nobody is kept out"
    with build.office.work(build.actor) as work:
        kept = work.get(Person, person_id)
        assert (kept.name, kept.id) == ("Абдыев Азамат Асан уулу", applications_of(work, second)[0].person_id)


@pytest.mark.parametrize("content", [b"", b"not a workbook", MESSY[: len(MESSY) // 2]])
def test_a_file_that_is_none_is_refused_whole(build: Build, content: bytes) -> None:
    competition = build.open_for_documents()
    with pytest.raises(InvalidInput):
        load(build, competition, content)
    assert counted(build) == (0, 0)
