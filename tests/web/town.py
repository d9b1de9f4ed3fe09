"""The body the pages are looked at with: its people, and procedures in the states that look different.

What the services can do quickly goes through the services. The competition that is decided, with its sitting, marks and
protocol, is written into the tables: carrying one through a whole test is the demonstration's work, not the pages'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from docs_templates import samples
from docs_templates.renderer import TemplatePaperMaker
from flask_app.demo.applicants import spreadsheet
from flask_app.domain.identity import Actor
from flask_app.services import audit
from flask_app.services.applicants_import import import_applicants
from flask_app.services.applications import applications_of, move_applications, reject_application
from flask_app.services.bodies import BodyProfile, actor_of, add_person, add_user, create_body, system_actor
from flask_app.services.commissions import NewMember, form_commission, members_of
from flask_app.services.competitions import (
    NewCompetition,
    add_position,
    draft_competition,
    move_competition,
    name_commission,
    record_agreement,
    record_publication,
)
from flask_app.services.office import Office, Work
from flask_app.services.papers import draft_paper, move_paper, sign_paper
from flask_app.services.test_sessions import NewSession, schedule_session
from flask_app.services.training import NewOrder, NewProgramme, add_programme, draw_up_order, enrol, move_order
from flask_app.services.transitions import act_on, save_version
from flask_app.store.models.commissions import Attendance, Meeting
from flask_app.store.models.documents import Document, DocumentVersion
from flask_app.store.models.procedures import Competition, StageRecord
from flask_app.store.models.training import Enrolment, TrainingOrder
from flask_app.store.rule_packs import shipped_pack

NOW = datetime(2026, 4, 16, 8, 18, tzinfo=UTC)
TODAY = date(2026, 4, 16)
STARTS = datetime(2026, 4, 24, 4, tzinfo=UTC)
PASSWORD = "тоо булагынын суусу"
PACK = "kg-mun-2006"
TOWN = {"ky": "Ак-Кечүү шаарынын мэриясы", "ru": "Мэрия города Ак-Кечүү"}
PLACE = {"ky": "Ак-Кечүү ш., Манас көч., 7", "ru": "г. Ак-Кечүү, ул. Манаса, 7"}
SPECIALIST = {
    "ky": "Муниципалдык менчик бөлүмүнүн башкы адиси",
    "ru": "Главный специалист отдела муниципальной собственности",
}
LAWYER = {"ky": "Юридикалык бөлүмдүн алдыңкы адиси", "ru": "Ведущий специалист юридического отдела"}
ARCHIVIST = {"ky": "Архивчи", "ru": "Архивариус"}
UNIT = {"ky": "Муниципалдык менчик бөлүмү", "ru": "Отдел муниципальной собственности"}
CATEGORY = {"ky": "Улук топ, 2-категория", "ru": "Старшая группа, категория 2"}
HALL = {"ky": "Чакан зал, 3-кабат", "ru": "Малый зал, 3-й этаж"}
POSTS = {"ky": "бөлүм башчысы", "ru": "начальник отдела"}

PEOPLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "admin": ("Жумабаев Кубанычбек Эркинович", ("administrator",)),
    "hr": ("Асанова Гүлмира Токтобековна", ("hr_officer",)),
    "secretary": ("Бекболот кызы Айсулуу", ("commission_secretary",)),
    "chair": ("Молдокулов Руслан Асанович", ("commission_chair",)),
    "member": ("Ибраева Чынара Токтогуловна", ()),
    "head": ("Сатыбалдиев Өмүрбек Жээнбекович", ("head_of_body",)),
    "bank": ("Петренко Валерия Игоревна", ("bank_editor",)),
    "operator": ("Ли Виктор Анатольевич", ("test_operator",)),
    "training": ("Үсөнова Чолпон Акылбековна", ("training_officer",)),
    "auditor": ("Ңазарова Жаркынай", ("auditor",)),
}
"""Login → name and roles. The member has no role in the body: everything it sees comes from its seat."""

SEATS = {"chair": "chair", "member": "member", "secretary": "secretary"}


@dataclass(frozen=True)
class Town:
    """Ids of what was made. `other` is a body of its own, with one competition, one order and a user `stranger`."""

    body: UUID
    other: UUID
    draft: UUID
    screening: UUID
    decided: UUID
    order: UUID
    reported: UUID
    protocol: UUID
    report: UUID
    other_competition: UUID
    other_order: UUID
    other_paper: UUID


@dataclass
class _Builder:
    office: Office
    actors: dict[str, Actor]

    def as_(self, login: str) -> Actor:
        return self.actors[login]


def build(office: Office) -> Town:
    """Everything, in a fresh database."""
    body = create_body(office, BodyProfile("ak-kechuu", "KG", TOWN, PLACE, PLACE, "Asia/Bishkek"))
    desk = _Builder(office, _people(office, body, PEOPLE))
    commission = _commission(desk)
    draft = _draft(desk, "К-2026/016", ARCHIVIST, "internal")
    screening = _screening(desk, commission)
    decided, protocol = _decided(desk, commission)
    order = _order(
        desk, "ЗО-2026/02", date(2026, 2, 9), {"ky": "2026-жылга окутууга заказ", "ru": "Заказ на обучение на 2026 год"}
    )
    reported, report = _reported(desk)
    other, other_ids = _other(office)
    return Town(body, other, draft, screening, decided, order, reported, protocol, report, *other_ids)


def _people(office: Office, body: UUID, people: Mapping[str, tuple[str, tuple[str, ...]]]) -> dict[str, Actor]:
    with office.work(system_actor(body)) as work:
        for login, (name, roles) in people.items():
            person = add_person(work, name)
            add_user(work, login, name, PASSWORD, roles, person_id=person.id)
    return {login: actor_of(office, login) for login in people}


def _commission(desk: _Builder) -> UUID:
    with desk.office.work(desk.as_("hr")) as work:
        seats = [
            NewMember(desk.as_(login).person_id or UUID(int=0), role, POSTS, role != "secretary")
            for login, role in SEATS.items()
        ]
        for name in ("Өмүров Чыңгыз", "Дөөлөтов Мирлан Эсенович"):
            seats.append(NewMember(add_person(work, name).id, "member", POSTS, True))
        called = {"ky": "Конкурстук комиссия", "ru": "Конкурсная комиссия"}
        return form_commission(work, called, ["competition"], TODAY - timedelta(days=200), "распоряжение № 12", seats)


def _draft(desk: _Builder, code: str, title: dict[str, str], kind: str) -> UUID:
    items = {item: {"ky": "көрсөтүлдү", "ru": "указано"} for item in shipped_pack(PACK).announcement.items}
    if kind == "internal":
        items["filing_place_and_time"] = items["competition_place_and_time"] = {"ky": "", "ru": ""}
    with desk.office.work(desk.as_("hr")) as work:
        position = add_position(work, title, UNIT, CATEGORY, "senior", TODAY - timedelta(days=90))
        return draft_competition(
            work,
            NewCompetition(code, kind, title, position, PACK, items, "" if kind == "internal" else "протокол № 3"),  # type: ignore[arg-type]
        )


def version(work: Work, competition: UUID) -> int:
    return work.get(Competition, competition).version


def _move(desk: _Builder, login: str, competition: UUID, transition: str, days_ago: int, evidence: str = "") -> None:
    with desk.office.work(desk.as_(login)) as work:
        act = act_on(work, TODAY - timedelta(days=days_ago), evidence)
        move_competition(work, competition, transition, act, expected_version=version(work, competition))


def _announced(desk: _Builder, code: str, title: dict[str, str], commission: UUID) -> UUID:
    id_ = _draft(desk, code, title, "open")
    with desk.office.work(desk.as_("hr")) as work:
        name_commission(work, id_, commission, expected_version=version(work, id_))
    _move(desk, "hr", id_, "submit_text", 35)
    with desk.office.work(desk.as_("hr")) as work:
        record_agreement(work, id_, "04-2/118", TODAY - timedelta(days=31), expected_version=version(work, id_))
        record_publication(work, id_, "газета «Ак-Кечүү таңы»", TODAY - timedelta(days=29), "№ 11, с. 3")
    _move(desk, "hr", id_, "announce", 29, "газета «Ак-Кечүү таңы», № 11, с. 3")
    _move(desk, "hr", id_, "open_documents", 28)
    return id_


def _screening(desk: _Builder, commission: UUID) -> UUID:
    """In screening: some admitted, one refused, the rest still waiting; the sitting is a week and a day away."""
    id_ = _announced(desk, "К-2026/014", SPECIALIST, commission)
    with desk.office.work(desk.as_("hr")) as work:
        import_applicants(work, id_, spreadsheet(11), "кандидаты.xlsx", TODAY - timedelta(days=20))
    _move(desk, "hr", id_, "close_documents", 13)
    _move(desk, "secretary", id_, "begin_screening", 12)
    with desk.office.work(desk.as_("secretary")) as work:
        taken = [application.id for application in applications_of(work, id_)]
        move_applications(work, id_, taken[:8], "take_up", act_on(work, TODAY - timedelta(days=11)))
        move_applications(work, id_, taken[:6], "admit", act_on(work, TODAY - timedelta(days=9)))
        refusal = act_on(work, TODAY - timedelta(days=9), reason="нет высшего образования")
        reject_application(work, id_, taken[6], "qualification_mismatch", refusal)
    with desk.office.work(desk.as_("secretary")) as work:
        schedule_session(
            work,
            id_,
            NewSession(
                "К-2026-014",
                "kyzmat",
                STARTS,
                STARTS + timedelta(hours=2),
                HALL,
                2,
                "7f3a",
                "Токоев Б. С.",
            ),
        )
    return id_


def _decided(desk: _Builder, commission: UUID) -> tuple[UUID, UUID]:
    """Decided yesterday, without a signed order yet; the protocol lies with the chair."""
    id_ = _announced(desk, "К-2026/011", LAWYER, commission)
    with desk.office.work(desk.as_("hr")) as work:
        import_applicants(work, id_, spreadsheet(6), "кандидаты-2.xlsx", TODAY - timedelta(days=20))
    with desk.office.work(desk.as_("secretary")) as work:
        competition = work.get(Competition, id_)
        applications = applications_of(work, id_)
        outcomes = ("winner", "reserve_recommended", "not_selected", "no_show", "withdrawn", "not_selected")
        for application, state in zip(applications, outcomes, strict=True):
            application.state = state
        path = ("documents_open", "documents_closed", "screening", "testing", "interviewing", "voting", "decided")
        steps = ("close_documents", "begin_screening", "begin_testing", "begin_interviews", "begin_voting", "decide")
        for place, step in enumerate(steps):
            _record(work, competition, step, path[place], path[place + 1], TODAY - timedelta(days=20 - 3 * place - 4))
        competition.state, competition.last_act_on = "decided", TODAY - timedelta(days=1)
        save_version(work, competition, "decide")
        meeting = Meeting(
            competition_id=id_,
            held_on=TODAY - timedelta(days=1),
            started_at=NOW - timedelta(days=1, hours=4),
            ended_at=NOW - timedelta(days=1, hours=1),
            form="in_person",
            place=HALL,
            secret_ballot=False,
            counted_at=NOW - timedelta(days=1, hours=1),
            winner_id=applications[0].id,
        )
        work.add(meeting)
        work.session.flush()
        for member in members_of(work, commission):
            work.add(Attendance(meeting_id=meeting.id, member_id=member.id, present=True, reason={}))
        protocol = _paper(work, "D16", id_, "signing", versions=2)
    return id_, protocol


def _record(work: Work, competition: Competition, step: str, source: str, target: str, day: date) -> None:
    competition.version += 1
    work.add(
        StageRecord(
            object_type="competition",
            object_id=competition.id,
            transition=step,
            source=source,
            target=target,
            happened_on=day,
            recorded_at=datetime(day.year, day.month, day.day, 5, tzinfo=UTC),
            evidence="",
            reason="",
            actor_id=work.actor.user_id,
            version=competition.version,
        )
    )


def printed(kind: str, number: int) -> bytes:
    """A real protocol about invented people, another one for each version."""
    assert kind == "D16"
    return TemplatePaperMaker().render(samples.protocol(2 + number)).content


def _paper(work: Work, kind: str, subject: UUID, state: str, versions: int) -> UUID:
    titles = {"ky": "Конкурстук комиссиянын жыйынынын протоколу", "ru": "Протокол заседания конкурсной комиссии"}
    document = Document(
        kind=kind,
        title=titles,
        parameters={},
        subject_type="competition",
        subject_id=subject,
        state=state,
        version=1,
        last_act_on=TODAY,
        created_at=work.now,
    )
    work.add(document)
    work.session.flush()
    for number in range(1, versions + 1):
        stored = work.office.files.put(printed(kind, number))
        work.add(
            DocumentVersion(
                document_id=document.id,
                number=number,
                file_sha256=stored.sha256,
                size=stored.size,
                template_version=f"{kind} 1",
                facts_hash=str(number),
                author_id=work.actor.user_id,
                reason="draft",
                created_at=work.now - timedelta(hours=3 - number),
            )
        )
    audit.record(work, "document.drafted", "document", document.id, after={"kind": kind})
    return document.id


def _order(desk: _Builder, code: str, opened: date, title: dict[str, str]) -> UUID:
    with desk.office.work(desk.as_("training")) as work:
        return draw_up_order(
            work, NewOrder(code, opened, title, PACK, 12, "план № 4", Decimal("48200000"), Decimal("495000"))
        )


def _reported(desk: _Builder) -> tuple[UUID, UUID]:
    """Last year's order, taken through its stages to the report, whose paper is signed and numbered."""
    title = {"ky": "2025-жылга окутууга заказ", "ru": "Заказ на обучение на 2025 год"}
    id_ = _order(desk, "ЗО-2025/01", date(2025, 11, 3), title)
    course = {"ky": "Мамлекеттик сатып алуулар", "ru": "Государственные закупки"}
    with desk.office.work(desk.as_("training")) as work:
        programme = add_programme(work, id_, NewProgramme("zakupki", course, 72))
    _move_order(desk, "head", id_, "approve_order", 14, "приказ № 31")
    _move_order(desk, "training", id_, "place_order", 12, contract="договор № 8")
    with desk.office.work(desk.as_("training")) as work:
        people = [add_person(work, name).id for name in ("Бакиров Нурлан", "Өмүралиева Назгүл", "Ёлкин Пётр")]
        enrol(work, id_, programme, people)
    _move_order(desk, "training", id_, "begin_training", 10)
    with desk.office.work(desk.as_("training")) as work:
        for enrolment in work.session.query(Enrolment).filter_by(programme_id=programme):
            enrolment.outcome, enrolment.score = "passed", "86/100"
    _move_order(desk, "training", id_, "begin_monitoring", 5)
    _move_order(desk, "training", id_, "begin_report", 4, monitoring="справка № 2")
    return id_, _signed_report(desk, id_)


def _move_order(
    desk: _Builder, login: str, order: UUID, step: str, days: int, evidence: str = "", **brings: str
) -> None:
    with desk.office.work(desk.as_(login)) as work:
        act = act_on(work, TODAY - timedelta(days=days), evidence)
        move_order(work, order, step, act, expected_version=work.get(TrainingOrder, order).version, **brings)  # type: ignore[arg-type]


def _signed_report(desk: _Builder, order: UUID) -> UUID:
    with desk.office.work(desk.as_("training")) as work:
        document, _ = draft_paper(work, "D53", order)
        move_paper(work, document.id, "submit", act_on(work, TODAY), expected_version=document.version)
        move_paper(work, document.id, "approve", act_on(work, TODAY), expected_version=document.version)
    with desk.office.work(desk.as_("head")) as work:
        version_ = work.get(Document, document.id).version
        sign_paper(work, document.id, act_on(work, TODAY), expected_version=version_)
    return document.id


def _other(office: Office) -> tuple[UUID, tuple[UUID, UUID, UUID]]:
    names = {"ky": "Көк-Жар айыл өкмөтү", "ru": "Айыл окмоту Көк-Жар"}
    body = create_body(office, BodyProfile("kok-zhar", "KG", names, names, names, "Asia/Bishkek"))
    people = {
        "stranger": (
            "Калыков Эрмек",
            ("hr_officer", "commission_secretary", "head_of_body", "auditor", "training_officer"),
        ),
    }
    desk = _Builder(office, _people(office, body, people))
    everybody = dict.fromkeys(PEOPLE, desk.actors["stranger"])
    desk.actors.update(everybody)
    competition = _draft(desk, "К-2026/014", ARCHIVIST, "internal")
    order = _order(desk, "ЗО-2026/02", date(2026, 2, 9), names)
    with office.work(desk.as_("hr")) as work:
        paper = _paper(work, "D16", competition, "draft", versions=1)
    return body, (competition, order, paper)
