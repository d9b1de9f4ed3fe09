"""The sitting of the computer test: scheduled, forms drawn from a recorded seed, candidates seated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from flask_app.domain.errors import InvalidInput, Refused
from flask_app.domain.rule_pack import RulePack
from flask_app.ports.moodle import Wanted, WantedEnrolment, WantedSlot, WantedTest
from flask_app.services import audit
from flask_app.services.applications import applications_of
from flask_app.services.bank_reading import banks_of_body
from flask_app.services.blueprint_desk import withdrawn_groups
from flask_app.services.competition_facts import pack_of
from flask_app.services.moodle_people import give_login, seat_username, wanted_person
from flask_app.services.notices import insist_on_time_to_tell
from flask_app.services.office import Work
from flask_app.services.rights import require
from flask_app.store.models.applications import Application
from flask_app.store.models.banks import BankQuestion
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.models.testing import ExaminationForm, FormItem, Seat, TestSession
from question_banks.bank import Bank, BankError
from question_banks.selection import Blueprint, DrawnItem, Section, draw_form

SEATED = ("admitted", "notified")
OUT = ("rejected", "withdrawn")
"""Who has a seat perhaps, and sits no test."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """When and where. `variants`: parallel forms per language; `seed` is recorded and never changed. `told_already`:
    notices were given on paper in time, and are to be entered with their days.
    """

    code: str
    course: str
    starts_at: datetime
    ends_at: datetime
    place: Mapping[str, str]
    variants: int
    seed: str
    proctor: str
    told_already: bool = False


def check_hours(code: str, starts_at: datetime, ends_at: datetime, minutes: int) -> None:
    """The hall is open at least as long as the test takes. Raises `InvalidInput("session.too_short")`."""
    if ends_at - starts_at < timedelta(minutes=minutes):
        raise InvalidInput("session.too_short", number=code, n=minutes)


def schedule_session(work: Work, competition_id: UUID, new: NewSession) -> UUID:
    """Schedule the sitting. Its length comes from the competition's rules; the hall must be open as long as that.

    Raises `InvalidInput`: session.too_short, session.no_forms, session.exists, session.code_taken, session.too_near.
    """
    competition = work.get(Competition, competition_id, lock=True)
    require(work, competition, "schedule_session")
    pack = pack_of(competition)
    duration = pack.test.duration_minutes
    check_hours(new.code, new.starts_at, new.ends_at, duration)
    if new.variants < 1:
        raise InvalidInput("session.no_forms", number=new.code)
    if session_of(work, competition_id) is not None:
        raise InvalidInput("session.exists", number=competition.code)
    taken = select(TestSession.id).where(
        TestSession.body_id == work.actor.body_id, func.lower(TestSession.code) == new.code.lower()
    )
    if work.session.scalar(taken) is not None:
        raise InvalidInput("session.code_taken", number=new.code)
    if not new.told_already:
        insist_on_time_to_tell(work, pack, new.starts_at)
    session = TestSession(
        competition_id=competition_id,
        code=new.code,
        course=new.course,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        place=dict(new.place),
        duration_minutes=duration,
        variants=new.variants,
        seed=new.seed,
        bank_hashes={},
        proctor=new.proctor,
    )
    work.add(session)
    work.session.flush()
    audit.record(
        work, "session.scheduled", "test_session", session.id, after={"code": new.code, "starts_at": new.starts_at}
    )
    return session.id


def session_of(work: Work, competition_id: UUID) -> TestSession | None:
    return work.session.scalar(
        select(TestSession).where(
            TestSession.competition_id == competition_id, TestSession.body_id == work.actor.body_id
        )
    )


def draw_forms(work: Work, competition_id: UUID) -> int:
    """Draw the forms and seat the candidates; returns the number of forms. Each form fixes question versions.

    Raises `Refused("session.bank_not_synced")` when a drawn question does not stand in Moodle as the panel has it,
    `Refused("session.forms_drawn")` when it was done before.
    """
    competition = work.get(Competition, competition_id, lock=True)
    require(work, competition, "schedule_session")
    session = session_of(work, competition_id)
    pack = pack_of(competition)
    rule = pack.rule(pack.test)
    if session is None:
        raise Refused("competition.no_session", rule)
    if work.session.scalar(select(ExaminationForm.id).where(ExaminationForm.session_id == session.id).limit(1)):
        raise Refused("session.forms_drawn", rule)
    seated = applications_of(work, competition_id, *SEATED)
    languages = _languages(work, seated)
    banks = [bank for _, bank in banks_of_body(work)]
    session.bank_hashes = {bank.id: bank.hash for bank in banks}
    session.withdrawn = sorted(withdrawn_groups(work))
    forms = _draw(work, session, pack, banks, sorted(set(languages.values())))
    _seat(work, session, seated, languages, forms)
    audit.record(
        work,
        "session.forms_drawn",
        "test_session",
        session.id,
        after={
            "seed": session.seed,
            "forms": len(forms),
            "seats": len(seated),
            "banks": session.bank_hashes,
            "withdrawn": session.withdrawn,
        },
    )
    return len(forms)


def seat_latecomers(work: Work, competition_id: UUID) -> int:
    """Seats for candidates who were admitted after the forms had been drawn; returns how many.

    They get the same forms in the order of registration. A language nobody had yet is drawn from the recorded seed,
    which only the same banks allow: otherwise `Refused("session.bank_changed")`. The sitting has to be brought to
    Moodle again.
    """
    competition = work.get(Competition, competition_id, lock=True)
    require(work, competition, "schedule_session")
    session, pack = session_of(work, competition_id), pack_of(competition)
    if session is None:
        raise Refused("competition.no_session", pack.rule(pack.test))
    forms = {(form.language, form.variant): form for form in _forms(work, session)}
    if not forms:
        raise Refused("competition.forms_not_drawn", pack.rule(pack.test))
    late = without_seat(work, session)
    languages = _languages(work, late)
    missing = sorted(set(languages.values()) - {language for language, _ in forms})
    if missing:
        banks = [bank for _, bank in banks_of_body(work)]
        if session.bank_hashes != {bank.id: bank.hash for bank in banks}:
            raise Refused("session.bank_changed", pack.rule(pack.test), number=session.code)
        forms |= _draw(work, session, pack, banks, missing)
    if late:
        _seat(work, session, late, languages, forms)
        session.pushed_at = None
        audit.record(work, "session.latecomers_seated", "test_session", session.id, after={"seats": len(late)})
    return len(late)


def without_seat(work: Work, session: TestSession) -> list[Application]:
    """Candidates who are to sit the test and have no place in it."""
    seats = set(
        work.session.scalars(
            select(Seat.application_id).join(ExaminationForm).where(ExaminationForm.session_id == session.id)
        )
    )
    return [a for a in applications_of(work, session.competition_id, *SEATED) if a.id not in seats]


def _forms(work: Work, session: TestSession) -> Sequence[ExaminationForm]:
    return work.session.scalars(
        select(ExaminationForm)
        .where(ExaminationForm.session_id == session.id)
        .order_by(ExaminationForm.variant, ExaminationForm.language)
    ).all()


def _languages(work: Work, seated: Sequence[Application]) -> dict[UUID, str]:
    people = work.session.execute(
        select(Person.id, Person.language).where(Person.id.in_([application.person_id for application in seated]))
    )
    by_person = dict(people.all())
    return {application.id: by_person[application.person_id] for application in seated}


def blueprint_of(pack: RulePack, withdrawn: Iterable[str] = ()) -> Blueprint:
    """The test's make-up as the rule pack has it: so many questions of each block, none of the withdrawn ones."""
    return Blueprint(tuple(Section(block.id, block.count) for block in pack.test.blocks), frozenset(withdrawn))


def _draw(
    work: Work, session: TestSession, pack: RulePack, banks: Sequence[Bank], languages: Sequence[str]
) -> dict[tuple[str, int], ExaminationForm]:
    questions = {
        row.idnumber: row
        for row in work.session.scalars(select(BankQuestion).where(BankQuestion.body_id == work.actor.body_id))
    }
    forms = {}
    for variant in range(session.variants):
        drawn = _drawn(banks, pack, session, variant)
        for language in languages:
            forms[language, variant] = _keep_form(work, session, variant, language, drawn, questions)
    return forms


def _drawn(banks: Sequence[Bank], pack: RulePack, session: TestSession, variant: int) -> tuple[DrawnItem, ...]:
    """Raises `Refused` with the bank's own code where the banks cannot feed the blueprint."""
    try:
        return draw_form(banks, blueprint_of(pack, session.withdrawn), session.seed, variant)
    except BankError as error:
        raise Refused(error.code, pack.rule(pack.test), **error.params) from error


def _keep_form(
    work: Work,
    session: TestSession,
    variant: int,
    language: str,
    drawn: Sequence[DrawnItem],
    questions: Mapping[str, BankQuestion],
) -> ExaminationForm:
    name = f"{session.code}-v{variant + 1}-{language}@{work.body.code}"
    form = ExaminationForm(
        session_id=session.id, variant=variant, language=language, test_idnumber=name, group_idnumber=f"{name}-group"
    )
    work.add(form)
    for item in drawn:
        idnumber = item.idnumber(language)
        row = questions.get(idnumber)
        if row is None or row.moodle_version == 0 or row.synced_hash != row.content_hash:
            raise Refused("session.bank_not_synced", question=idnumber)
        work.add(
            FormItem(
                form_id=form.id,
                slot=item.place,
                block=item.block,
                twin_group=item.group,
                question_idnumber=idnumber,
                content_hash=row.content_hash,
                version=row.moodle_version,
            )
        )
    return form


def _seat(
    work: Work,
    session: TestSession,
    seated: Sequence[Application],
    languages: Mapping[UUID, str],
    forms: Mapping[tuple[str, int], ExaminationForm],
) -> None:
    """Neighbours get different variants; everybody gets a name and a password for the test only."""
    ids = [application.person_id for application in seated]
    people = {person.id: person for person in work.session.scalars(select(Person).where(Person.id.in_(ids)))}
    taken = select(func.max(Seat.number)).join(ExaminationForm).where(ExaminationForm.session_id == session.id)
    for number, application in enumerate(seated, start=(work.session.scalar(taken) or 0) + 1):
        form = forms[languages[application.id], (number - 1) % session.variants]
        work.add(Seat(application_id=application.id, form_id=form.id, number=number))
        give_login(work, people[application.person_id], seat_username(work, session.code, number))


def wanted_session(work: Work, session: TestSession) -> Wanted:
    """The sitting as it should stand in Moodle: people, their groups, one test per form. Whoever withdrew keeps the
    seat's number, which nobody else gets, and is not brought there.

    Raises `Refused("session.not_seated")` while somebody who was admitted has no place.
    """
    late = without_seat(work, session)
    if late:
        raise Refused("session.not_seated", n=len(late), number=late[0].number)
    forms = _forms(work, session)
    seats = work.session.execute(
        select(Seat, Person)
        .join(Application, Application.id == Seat.application_id)
        .join(Person, Person.id == Application.person_id)
        .where(Seat.form_id.in_([form.id for form in forms]), Application.state.not_in(OUT))
        .order_by(Seat.number)
    )
    by_form = {form.id: form for form in forms}
    people, enrolments = [], []
    for seat, person in seats:
        people.append(wanted_person(work, person))
        enrolments.append(WantedEnrolment(session.course, str(person.id), (by_form[seat.form_id].group_idnumber,)))
    pass_percent = _pass_percent(work, session)
    tests = tuple(_wanted_test(work, session, form, pass_percent) for form in forms)
    return Wanted(people=tuple(people), enrolments=tuple(enrolments), tests=tests)


def _pass_percent(work: Work, session: TestSession) -> int:
    pack = pack_of(work.get(Competition, session.competition_id))
    return next((t.min_percent for t in pack.test.interview_if if t.scope == "total" and t.min_percent), 0)


def _wanted_test(work: Work, session: TestSession, form: ExaminationForm, pass_percent: int) -> WantedTest:
    items = work.session.scalars(select(FormItem).where(FormItem.form_id == form.id).order_by(FormItem.slot)).all()
    return WantedTest(
        course=session.course,
        test=form.test_idnumber,
        name=form.test_idnumber,
        intro="",
        timeopen=session.starts_at,
        timeclose=session.ends_at,
        timelimit=session.duration_minutes * 60,
        passpercent=pass_percent,
        groups=(form.group_idnumber,),
        slots=tuple(WantedSlot(item.question_idnumber, item.version) for item in items),
    )


def mark_pushed(work: Work, session_id: UUID, wanted: Wanted) -> None:
    """The sitting stands in Moodle as it was wanted; if it was moved meanwhile, or somebody seated, it does not yet."""
    session = work.get(TestSession, session_id, lock=True)
    if session.pushed_at is None and wanted_session(work, session) == wanted:
        session.pushed_at = work.now
        audit.record(work, "session.pushed", "test_session", session.id, after={"code": session.code})
