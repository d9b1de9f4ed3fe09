"""Admission and notice: closed grounds, a second look, a week before the test, lists that are done whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from flask_app.demo.applicants import spreadsheet
from flask_app.domain.errors import AlreadyThere, InvalidInput, KyzmatError, NotPermitted, Refused
from flask_app.domain.identity import AUDITOR, HR_OFFICER
from flask_app.services.applicants_import import import_applicants
from flask_app.services.applications import (
    choose_language,
    move_applications,
    reject_application,
)
from flask_app.services.commissions import NewMember, form_commission
from flask_app.services.competitions import name_commission
from flask_app.services.notices import notify_of_test
from flask_app.services.test_sessions import schedule_session
from flask_app.services.transitions import act_on
from flask_app.store.models.applications import Application, Notice
from flask_app.store.models.versions import ObjectVersion
from flask_app.store.rule_packs import shipped_pack
from tests.services.building import BOTH, PACK, Build, version
from tests.services.desk import TODAY, actor_with, new_body
from tests.services.stages import Scene, session

SCREENED = TODAY - timedelta(days=24)


@pytest.fixture
def scene(screening: Scene) -> Scene:
    return screening


def reject(scene: Scene, number: int, ground: str, reason: str = "стаж") -> None:
    application = scene.application(number)
    with scene.work() as work:
        reject_application(work, scene.competition, application, ground, act_on(work, SCREENED, reason=reason))


def notify(scene: Scene, day: date, evidence: str = "журнал") -> int:
    waiting = scene.ids("admitted")
    with scene.work() as work:
        return notify_of_test(work, scene.competition, waiting, "под подпись", act_on(work, day, evidence))


def test_the_grounds_are_a_closed_list(scene: Scene) -> None:
    for ground in ("", "too_young", "QUALIFICATION_MISMATCH"):
        with pytest.raises(Refused) as refused:
            reject(scene, 1, ground)
        assert refused.value.code == "application.ground_not_listed"
        assert refused.value.rule is not None
        assert refused.value.rule.source == "S003 L96"
    grounds = [ground.id for ground in shipped_pack(PACK).admission_grounds]
    for number, ground in enumerate(grounds, start=1):
        reject(scene, number, ground)
    assert len(grounds) == 4
    assert [number for number, state in scene.states().items() if state == "rejected"] == [1, 2, 3, 4]


def test_a_refusal_says_why(scene: Scene) -> None:
    with pytest.raises(Refused) as refused:
        reject(scene, 1, "unexpunged_conviction", reason="  ")
    assert refused.value.code == "workflow.needs_reason"
    with scene.work() as work:
        assert work.get(Application, scene.application(1)).refusal_ground == "", "the ground went with the refusal"


def test_readmission_needs_reason_and_evidence(scene: Scene) -> None:
    reject(scene, 2, "qualification_mismatch")
    with pytest.raises(Refused) as refused:
        scene.move_all("rejected", "readmit", TODAY, reason="справка принесена")
    assert refused.value.code == "workflow.needs_evidence"
    assert scene.move_all("rejected", "readmit", TODAY, reason="справка принесена", evidence="вх. № 7") == 1
    assert scene.states()[2] == "admitted"


def test_nobody_is_let_in_once_the_test_is_over(entered: Scene) -> None:
    with pytest.raises(Refused) as refused:
        entered.move_all("rejected", "readmit", TODAY, reason="жалоба", evidence="вх. № 8")
    assert refused.value.code == "application.screening_over"


def test_a_list_is_done_whole_or_not_at_all(scene: Scene) -> None:
    reject(scene, 3, "qualification_mismatch")
    everybody = scene.ids()
    with pytest.raises(Refused) as refused, scene.work() as work:
        move_applications(work, scene.competition, everybody, "admit", act_on(work, SCREENED))
    assert refused.value.code == "workflow.wrong_state"
    assert sorted(set(scene.states().values())) == ["rejected", "under_screening"]


def test_each_application_of_a_list_leaves_its_traces(scene: Scene) -> None:
    assert scene.move_all("under_screening", "admit", SCREENED) == 7
    with scene.work() as work:
        versions = work.session.scalars(
            select(ObjectVersion.version).where(ObjectVersion.object_id == scene.application(1))
        ).all()
        assert sorted(versions) == [1, 2, 3, 4]


def test_of_two_who_do_the_same_list_one_does_it(scene: Scene) -> None:
    ids = scene.ids()

    def admit(turn: int) -> str:
        order = ids if turn % 2 else list(reversed(ids))
        try:
            with scene.work() as work:
                move_applications(work, scene.competition, order, "admit", act_on(work, SCREENED))
        except AlreadyThere:
            return "there"
        return "done"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(admit, range(4)))
    assert outcomes == ["done", "there", "there", "there"]
    with scene.work() as work:
        assert {work.get(Application, id_).version for id_ in ids} == {4}


def test_an_application_of_another_competition_is_refused(scene: Scene) -> None:
    other = replace(scene, competition=scene.build.open_for_documents())
    with other.work() as work:
        import_applicants(work, other.competition, spreadsheet(1), "list.xlsx", TODAY - timedelta(days=30))
    foreign = other.application(1)
    with pytest.raises(InvalidInput) as refused, scene.work() as work:
        move_applications(work, scene.competition, [foreign], "admit", act_on(work, SCREENED))
    assert refused.value.code == "application.not_of_competition"
    with pytest.raises(InvalidInput) as refused, scene.work() as work:
        reject_application(work, scene.competition, foreign, "qualification_mismatch", act_on(work, SCREENED))
    assert refused.value.code == "application.not_of_competition"


@pytest.mark.parametrize("role", [AUDITOR, HR_OFFICER])
def test_admission_is_the_commission_s(scene: Scene, role: str) -> None:
    actor = actor_with(scene.office, scene.actor.body_id, role)
    ids = scene.ids()
    with pytest.raises(NotPermitted), scene.work(actor) as work:
        move_applications(work, scene.competition, ids, "admit", act_on(work, SCREENED))


# ------------------------------------------------------------------------------------------------------ the notice


@pytest.fixture
def admitted(scene: Scene) -> Scene:
    """Everybody admitted; the test is today."""
    scene.move_all("under_screening", "admit", SCREENED)
    with scene.work() as work:
        schedule_session(work, scene.competition, session())
    return scene


@pytest.mark.parametrize("days", [0, 1, 6])
def test_less_than_a_week_s_notice_is_refused(admitted: Scene, days: int) -> None:
    with pytest.raises(Refused) as refused:
        notify(admitted, TODAY - timedelta(days=days))
    assert refused.value.code == "competition.notice_too_late"
    assert dict(refused.value.params) == {"n": days, "days": 7}
    assert refused.value.rule is not None
    assert refused.value.rule.source == "S003 L116"
    with admitted.work() as work:
        assert work.session.scalars(select(Notice)).all() == []


def test_a_week_is_enough(admitted: Scene) -> None:
    assert notify(admitted, TODAY - timedelta(days=7)) == 7
    with admitted.work() as work:
        notices = work.session.scalars(select(Notice)).all()
        assert {(n.happened_on, n.evidence, n.channel) for n in notices} == {
            (TODAY - timedelta(days=7), "журнал", "под подпись")
        }


def test_a_notice_has_its_proof(admitted: Scene) -> None:
    with pytest.raises(Refused) as refused:
        notify(admitted, TODAY - timedelta(days=8), evidence="")
    assert refused.value.code == "workflow.needs_evidence"


def test_the_day_of_the_test_is_the_body_s_own(scene: Scene) -> None:
    """20:00 UTC on the 21st is the 22nd in Bishkek: a notice of the 15th leaves seven days, not six."""
    scene.move_all("under_screening", "admit", SCREENED)
    starts = session().starts_at.replace(day=21, hour=20)
    with scene.work() as work:
        schedule_session(work, scene.competition, session(starts_at=starts, ends_at=starts + timedelta(hours=2)))
    assert notify(scene, TODAY) == 7


def test_without_a_sitting_nobody_is_notified(scene: Scene) -> None:
    scene.move_all("under_screening", "admit", SCREENED)
    with pytest.raises(Refused) as refused:
        notify(scene, SCREENED)
    assert refused.value.code == "competition.no_session"


# ----------------------------------------------------------------------------------------------- languages, commission


def test_a_language_the_rules_do_not_know_is_refused(scene: Scene) -> None:
    ids = scene.ids()
    with pytest.raises(InvalidInput) as refused, scene.work() as work:
        choose_language(work, scene.competition, ids, "kk")
    assert refused.value.code == "application.language_unknown"


def test_another_body_s_commission_or_person_is_not_found(scene: Scene) -> None:
    stranger = replace(actor_with(scene.office, new_body(scene.office)), roles=scene.actor.roles)
    other = Build(scene.office, stranger)
    commission = other.commission(other.draft())
    mine = scene.build.draft()
    with pytest.raises(KyzmatError, match="unknown"), scene.work() as work:
        name_commission(work, mine, commission, expected_version=version(work, mine))
    assert stranger.person_id is not None
    seats = [NewMember(stranger.person_id, role, BOTH, role == "chair") for role in ("chair", "secretary")]
    with pytest.raises(InvalidInput), scene.work() as work:
        form_commission(work, BOTH, ["competition"], TODAY, "приказ", seats)
    assert scene.actor.person_id is not None
    seats[1] = NewMember(scene.actor.person_id, "secretary", BOTH, False)
    with pytest.raises(KyzmatError, match="unknown"), scene.work() as work:
        form_commission(work, BOTH, ["competition"], TODAY, "приказ", seats)


@pytest.mark.parametrize(
    ("members", "secretary_votes", "code"),
    [(0, False, "competition.commission_incomplete"), (1, True, "commission.secretary_votes")],
)
def test_a_commission_is_as_the_rules_want_it(scene: Scene, members: int, secretary_votes: bool, code: str) -> None:
    people = [actor_with(scene.office, scene.actor.body_id).person_id for _ in range(2 + members)]
    assert all(people)
    roles = ["chair", "secretary", *["member"] * members]
    seats = [
        NewMember(person, role, BOTH, role != "secretary" or secretary_votes)  # type: ignore[arg-type]  # looked at above
        for person, role in zip(people, roles, strict=True)
    ]
    draft = scene.build.draft()
    with scene.work() as work:
        commission = form_commission(work, BOTH, ["competition"], TODAY, "приказ", seats)
    with pytest.raises(Refused) as refused, scene.work() as work:
        name_commission(work, draft, commission, expected_version=version(work, draft))
    assert refused.value.code == code
