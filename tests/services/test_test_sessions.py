"""The sitting: forms anybody can draw again years later, seats, names and passwords, and what must not reach Moodle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import select, text

from connector.moodle.standin.sitting import SittingError, Trainee
from flask_app.demo.applicants import spreadsheet
from flask_app.domain.errors import InvalidInput, Refused
from flask_app.services.applicants_import import import_applicants
from flask_app.services.applications import applications_of, choose_language, move_applications
from flask_app.services.banks import load_bank
from flask_app.services.competition_facts import pack_of
from flask_app.services.moodle_people import moodle_password
from flask_app.services.office import Work
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.services.synchronisation import push_session, sync_banks
from flask_app.services.test_sessions import (
    NewSession,
    blueprint_of,
    draw_forms,
    schedule_session,
    seat_latecomers,
    session_of,
    wanted_session,
)
from flask_app.services.transitions import act_on
from flask_app.store.models.applications import Application
from flask_app.store.models.banks import BankQuestion, BankRelease, QuestionBank, QuestionRevision
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from flask_app.store.models.questions import QuestionItem
from flask_app.store.models.testing import ExaminationForm, FormItem, Seat, TestSession
from gift_export.reader import read
from question_banks.bank import Bank, Topic, TwinGroup, citations_of, content_hash
from question_banks.selection import draw_form
from tests.services.desk import NOW, TODAY, actor_with, new_body
from tests.services.stages import Scene, admit, nothing, session, slip
from tests.services.test_banks import fresh, reworded

ADMITTED = 6


def schedule(scene: Scene, new: NewSession | None = None) -> None:
    with scene.work() as work:
        schedule_session(work, scene.competition, new or session())


def draw(scene: Scene) -> int:
    with scene.work() as work:
        return draw_forms(work, scene.competition)


def push(scene: Scene) -> None:
    push_session(scene.office, scene.actor, scene.competition, nothing)


@pytest.fixture
def scheduled(screening: Scene) -> Scene:
    """Six admitted, half of them in Russian; a sitting, no forms yet."""
    admit(screening)
    schedule(screening)
    return screening


def seats(scene: Scene) -> list[tuple[int, str, int, str]]:
    """(number, language, variant, user name) in the order of the seats."""
    with scene.work() as work:
        rows = work.session.execute(
            select(Seat.number, ExaminationForm.language, ExaminationForm.variant, Person.moodle_username)
            .join(ExaminationForm, ExaminationForm.id == Seat.form_id)
            .join(Application, Application.id == Seat.application_id)
            .join(Person, Person.id == Application.person_id)
            .where(Application.competition_id == scene.competition)
            .order_by(Seat.number)
        )
        return [(number, language, variant, name) for number, language, variant, name in rows]


# ---------------------------------------------------------------------------------------------------------- forms


def test_forms_can_be_drawn_again_from_what_is_kept(scheduled: Scene) -> None:
    """From the seed, the release of that day and the contents of that day, though the bank has moved on since."""
    assert draw(scheduled) == 4
    bank = next(bank for bank in read_shipped_banks() if bank.id == "general")
    with scheduled.work() as work:
        load_bank(work, replace(reworded(bank, 120), items=reworded(bank, 120).items[3:]))
    with scheduled.work() as work:
        sitting = session_of(work, scheduled.competition)
        assert sitting is not None
        banks = [released(work, code, hash_) for code, hash_ in sorted(sitting.bank_hashes.items())]
        blueprint = blueprint_of(pack_of(work.get(Competition, scheduled.competition)), sitting.withdrawn)
        for form in work.session.scalars(select(ExaminationForm)).all():
            drawn = draw_form(banks, blueprint, sitting.seed, form.variant)
            kept = work.session.scalars(
                select(FormItem).where(FormItem.form_id == form.id).order_by(FormItem.slot)
            ).all()
            assert [(item.place, item.block, item.idnumber(form.language)) for item in drawn] == [
                (item.slot, item.block, item.question_idnumber) for item in kept
            ]
            contents = {q.idnumber: content_hash(q) for b in banks for g in b.items for q in g.versions.values()}
            assert all(contents[item.question_idnumber] == item.content_hash for item in kept)


def test_a_suspended_question_is_drawn_for_no_form(scheduled: Scene) -> None:
    """The bank has ten questions more than the block needs: nine of them can be withdrawn."""
    with scheduled.work() as work:
        bank = work.session.scalars(select(QuestionBank).where(QuestionBank.code == "general")).one()
        groups = sorted(
            set(work.session.scalars(select(BankQuestion.twin_group).where(BankQuestion.bank_id == bank.id)))
        )
        for group in groups[:9]:
            _suspend(work, bank.id, group)
    draw(scheduled)
    with scheduled.work() as work:
        sitting = session_of(work, scheduled.competition)
        assert sitting is not None
        assert sitting.withdrawn == groups[:9]
        drawn = set(work.session.scalars(select(FormItem.twin_group)))
        assert not drawn & set(groups[:9])
        assert drawn & set(groups[9:])


def _suspend(work: Work, bank_id: UUID, group: str) -> None:
    """A question on its shelf as `suspend` leaves it."""
    item = QuestionItem(
        bank_id=bank_id,
        twin_group=group,
        topic="service",
        difficulty="",
        citations=[],
        texts={},
        content_hash="",
        authors=[],
        last_act_on=TODAY,
        created_at=work.now,
        edited_at=work.now,
        state="suspended",
        version=1,
    )
    work.add(item)


def released(work: Work, code: str, hash_: str) -> Bank:
    """A bank as it stood when its hash was this."""
    row = work.session.scalars(select(QuestionBank).where(QuestionBank.code == code)).one()
    release = work.session.scalars(
        select(BankRelease).where(BankRelease.bank_id == row.id, BankRelease.hash == hash_)
    ).one()
    sources = {
        (revision.idnumber, revision.content_hash): revision.source
        for revision in work.session.scalars(select(QuestionRevision))
    }
    items = []
    for group, topic, contents in release.members:
        versions = {
            language: read(sources[f"{group}.{language}", content]).questions[0]
            for language, content in contents.items()
        }
        items.append(TwinGroup(group, topic, citations_of(next(iter(versions.values()))), versions))
    languages = tuple(sorted({language for item in items for language in item.versions}))
    topics = tuple(Topic(topic, {}, "") for topic in sorted({item.topic for item in items}))
    bank = Bank(code, {}, row.block, release.release, "", languages, "", topics, 0, tuple(items))
    assert bank.hash == hash_
    return bank


def test_each_form_has_thirty_of_each_block_and_no_question_twice(scheduled: Scene) -> None:
    draw(scheduled)
    with scheduled.work() as work:
        for form in work.session.scalars(select(ExaminationForm)).all():
            items = work.session.scalars(select(FormItem).where(FormItem.form_id == form.id)).all()
            assert sorted(item.slot for item in items) == list(range(1, 61))
            assert [sum(item.block == block for item in items) for block in ("general", "subject")] == [30, 30]
            assert len({item.twin_group for item in items}) == 60
            assert {item.question_idnumber.rpartition(".")[2] for item in items} == {form.language}


def test_both_languages_of_a_variant_are_the_same_paper(scheduled: Scene) -> None:
    draw(scheduled)
    with scheduled.work() as work:
        papers: dict[int, set[tuple[str, ...]]] = {}
        for form in work.session.scalars(select(ExaminationForm)).all():
            groups = work.session.scalars(
                select(FormItem.twin_group).where(FormItem.form_id == form.id).order_by(FormItem.slot)
            ).all()
            papers.setdefault(form.variant, set()).add(tuple(groups))
        assert {variant: len(found) for variant, found in papers.items()} == {0: 1, 1: 1}
        assert papers[0] != papers[1]


def test_neighbours_have_different_variants(scheduled: Scene) -> None:
    draw(scheduled)
    taken = seats(scheduled)
    assert len(taken) == ADMITTED
    assert {language for _, language, _, _ in taken} == {"ky", "ru"}
    assert all(one[2] != other[2] for one, other in pairwise(taken))


def test_forms_are_drawn_once(scheduled: Scene) -> None:
    draw(scheduled)
    with pytest.raises(Refused) as refused:
        draw(scheduled)
    assert refused.value.code == "session.forms_drawn"


def test_a_bank_that_is_not_in_moodle_as_here_is_not_drawn_from(scheduled: Scene) -> None:
    bank = next(bank for bank in read_shipped_banks() if bank.id == "general")
    with scheduled.work() as work:
        load_bank(work, reworded(bank, 120))
    with pytest.raises(Refused) as refused:
        draw(scheduled)
    assert refused.value.code == "session.bank_not_synced"
    with scheduled.work() as work:
        assert work.session.scalars(select(ExaminationForm)).all() == []


def test_a_bank_too_small_is_refused_with_its_figures(scheduled: Scene) -> None:
    bank = next(bank for bank in read_shipped_banks() if bank.id == "subject")
    with scheduled.work() as work:
        load_bank(work, replace(bank, items=bank.items[:29]))
    with pytest.raises(Refused) as refused:
        draw(scheduled)
    assert refused.value.code == "SELECT_TOO_FEW"
    assert (refused.value.params["needed"], refused.value.params["available"]) == (30, 29)


# ------------------------------------------------------------------------------------------------- names and slips


def test_passwords_are_sealed(scheduled: Scene) -> None:
    draw(scheduled)
    with scheduled.work() as work:
        people = [work.get(Person, a.person_id) for a in applications_of(work, scheduled.competition, "admitted")]
        passwords = [moodle_password(work, person) for person in people]
        rows = "\n".join(work.session.scalars(text("SELECT t::text FROM person t")))
    assert len(set(passwords)) == ADMITTED
    assert all(len(password) >= 12 for password in passwords)
    assert not any(password in rows or password.encode().hex() in rows for password in passwords)


def with_one_applicant(scene: Scene, count: int = 1) -> Scene:
    """Another competition of the same body, its applicants admitted."""
    scene = replace(scene, competition=scene.build.open_for_documents())
    with scene.work() as work:
        import_applicants(work, scene.competition, spreadsheet(count), "list.xlsx", TODAY - timedelta(days=30))
    scene.move("close_documents", TODAY - timedelta(days=28))
    scene.move("begin_screening", TODAY - timedelta(days=26))
    scene.move_all("registered", "take_up", TODAY - timedelta(days=25))
    scene.move_all("under_screening", "admit", TODAY - timedelta(days=24))
    return scene


def test_whoever_withdrew_is_not_brought_to_moodle(scheduled: Scene) -> None:
    draw(scheduled)
    gone, *others = scheduled.ids("admitted")
    with scheduled.work() as work:
        person = work.get(Application, gone).person_id
        move_applications(work, scheduled.competition, [gone], "withdraw", act_on(work, TODAY, "заявление"))
    with scheduled.work() as work:
        wanted = wanted_session(work, work.session.scalars(select(TestSession)).one())
    assert len(wanted.people) == len(wanted.enrolments) == len(others) == ADMITTED - 1
    assert str(person) not in {one.idnumber for one in wanted.people}
    assert {group for one in wanted.enrolments for group in one.groups} <= {
        group for test in wanted.tests for group in test.groups
    }


def test_user_names_are_unique_over_sessions_and_somebody_known_keeps_his(scheduled: Scene) -> None:
    draw(scheduled)
    first = seats(scheduled)
    second = with_one_applicant(scheduled, 9)
    schedule(second, session("s2"))
    draw(second)
    names = [name for *_, name in seats(second)]
    assert names[:ADMITTED] == [name for *_, name in first]
    everybody = {name for *_, name in first} | set(names)
    assert len(everybody) == 9


def test_two_bodies_with_the_same_session_code_do_not_collide_in_moodle(sat: Scene) -> None:
    """Same code, same applicants, same site: neither takes the other's people, groups or tests."""
    other = fresh(sat)
    sat.office.moodle.ensure_course("ANOTHER", "Экзамены другого органа")
    sync_banks(other.office, other.actor, "ANOTHER", nothing)
    other = with_one_applicant(other, 2)
    schedule(other, session(course="ANOTHER"))
    draw(other)
    before = sat.site.control("state")
    push(other)
    after = sat.site.control("state")
    assert after["people"] == before["people"] + 2
    assert after["tests"] == before["tests"] + 2
    username, password, test = slip(other, 1)
    with Trainee(sat.site.url, username, password) as trainee:
        assert set(trainee.quizzes()) == {test}
    assert username != slip(sat, 1)[0]


def test_a_code_moodle_would_not_take_gives_names_it_takes(scheduled: Scene) -> None:
    other = with_one_applicant(scheduled)
    with other.work() as work:
        for person in work.session.scalars(select(Person)):
            person.moodle_username = ""
    schedule(other, session("К-2026/014 (1)"))
    draw(other)
    ((_, _, _, name),) = seats(other)
    assert name.isascii()
    assert name == name.lower()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.@-")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends_at": NOW - timedelta(hours=2)}, "session.too_short"),
        ({"ends_at": NOW - timedelta(minutes=1)}, "session.too_short"),
        ({"variants": 0}, "session.no_forms"),
        ({"code": "S1"}, "session.code_taken"),
    ],
)
def test_a_sitting_is_possible_and_named_once(scheduled: Scene, changes: dict[str, object], code: str) -> None:
    other = with_one_applicant(scheduled)
    with pytest.raises(InvalidInput) as refused:
        schedule(other, session(**{"code": "s2", **changes}))  # type: ignore[arg-type]  # named above
    assert refused.value.code == code


def test_a_competition_has_one_sitting(scheduled: Scene) -> None:
    with pytest.raises(InvalidInput) as refused:
        schedule(scheduled, session("s2"))
    assert refused.value.code == "session.exists"


# ------------------------------------------------------------------------------------------------------ latecomers


def admit_late(scene: Scene, number: int, language: str = "ky") -> None:
    late = [scene.application(number)]
    with scene.work() as work:
        move_applications(
            work, scene.competition, late, "readmit", act_on(work, TODAY, "вх. № 9", "документы донесены")
        )
        choose_language(work, scene.competition, late, language)


def test_whoever_is_admitted_late_gets_a_seat_before_the_test_begins(screening_online: Scene) -> None:
    scene = screening_online
    admit(scene)
    schedule(scene)
    draw(scene)
    push(scene)
    admit_late(scene, 7)
    with scene.work() as work:
        sitting = session_of(work, scene.competition)
        assert sitting is not None
        assert sitting.pushed_at is None
    with pytest.raises(Refused) as refused:
        push(scene)
    assert (refused.value.code, refused.value.params["number"]) == ("session.not_seated", 7)
    with scene.work() as work:
        assert seat_latecomers(work, scene.competition) == 1
    taken = seats(scene)
    assert [number for number, *_ in taken] == list(range(1, 8))
    assert taken[-1][2] != taken[-2][2]
    push(scene)
    with scene.work() as work:
        assert seat_latecomers(work, scene.competition) == 0
        sitting = session_of(work, scene.competition)
        assert sitting is not None
        assert sitting.pushed_at is not None


def test_a_latecomer_s_language_is_drawn_from_the_same_seed(scheduled: Scene) -> None:
    with scheduled.work() as work:
        choose_language(work, scheduled.competition, scheduled.ids("admitted"), "ky")
    assert draw(scheduled) == 2
    admit_late(scheduled, 7, "ru")
    with scheduled.work() as work:
        assert seat_latecomers(work, scheduled.competition) == 1
        forms = work.session.scalars(select(ExaminationForm)).all()
        assert sorted((form.language, form.variant) for form in forms) == [("ky", 0), ("ky", 1), ("ru", 0), ("ru", 1)]
        papers = {(form.language, form.variant): paper(work, form.id) for form in forms}
    assert papers["ru", 0] == papers["ky", 0]


def paper(work: Work, form: UUID) -> Sequence[str]:
    return work.session.scalars(
        select(FormItem.twin_group).where(FormItem.form_id == form).order_by(FormItem.slot)
    ).all()


def test_from_a_changed_bank_no_further_language_is_drawn(scheduled: Scene) -> None:
    with scheduled.work() as work:
        choose_language(work, scheduled.competition, scheduled.ids("admitted"), "ky")
    draw(scheduled)
    bank = next(bank for bank in read_shipped_banks() if bank.id == "general")
    with scheduled.work() as work:
        load_bank(work, reworded(bank))
    admit_late(scheduled, 7, "ru")
    with pytest.raises(Refused) as refused, scheduled.work() as work:
        seat_latecomers(work, scheduled.competition)
    assert refused.value.code == "session.bank_changed"


# ----------------------------------------------------------------------------------------------------- in Moodle


def test_the_sitting_stands_in_moodle_as_it_was_drawn(sat: Scene) -> None:
    with sat.work() as work:
        sitting = work.session.scalars(select(TestSession)).one()
        wanted = wanted_session(work, sitting)
        assert {test.timelimit for test in wanted.tests} == {3600}
        assert {test.passpercent for test in wanted.tests} == {50}
        assert sitting.pushed_at is not None
    assert push_session(sat.office, sat.actor, sat.competition, nothing) is None
    username, password, test = slip(sat, 6)
    with Trainee(sat.site.url, username, password) as trainee:
        assert set(trainee.quizzes()) == {test}, "everybody enters his own form and no other"
    with pytest.raises(SittingError), Trainee(sat.site.url, username, "wrong"):
        pass


def test_a_question_edited_in_moodle_keeps_its_form_out(screening_online: Scene) -> None:
    scene = screening_online
    admit(scene)
    schedule(scene)
    draw(scene)
    with scene.work() as work:
        item = work.session.scalars(select(FormItem).limit(1)).one()
        question = work.session.scalars(
            select(BankQuestion).where(BankQuestion.idnumber == item.question_idnumber)
        ).one()
        bank = work.get(QuestionBank, question.bank_id).moodle_bank
    edit = {"bankidnumber": bank, "idnumber": item.question_idnumber, "text": "Чужой текст"}
    scene.site.control("edit_question", mode="inplace", **edit)
    with pytest.raises(Refused) as refused:
        push(scene)
    assert (refused.value.code, refused.value.params["question"]) == ("session.question_edited", item.question_idnumber)


def test_a_later_version_in_moodle_does_not_touch_the_form(screening_online: Scene) -> None:
    scene = screening_online
    admit(scene)
    schedule(scene)
    draw(scene)
    with scene.work() as work:
        item = work.session.scalars(select(FormItem).limit(1)).one()
        question = work.session.scalars(
            select(BankQuestion).where(BankQuestion.idnumber == item.question_idnumber)
        ).one()
        bank = work.get(QuestionBank, question.bank_id).moodle_bank
    scene.site.control("edit_question", mode="newversion", bankidnumber=bank, idnumber=item.question_idnumber, text="?")
    push(scene)


def test_other_bodies_sittings_are_not_found(scheduled: Scene) -> None:
    stranger = replace(actor_with(scheduled.office, new_body(scheduled.office)), roles=scheduled.actor.roles)
    with pytest.raises(Refused) as refused:
        push_session(scheduled.office, stranger, scheduled.competition, nothing)
    assert refused.value.code == "competition.no_session"
