"""Each rule of the competition, by its own border cases; the facts are given, no database is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.deadlines import WorkCalendar
from flask_app.domain.errors import Refused
from flask_app.domain.identity import HEAD, HR_OFFICER, ROLES, SECRETARY
from flask_app.domain.workflow import Act, decide, offers
from flask_app.domain.workflows.announcement_text import ORIGINAL, gaps, lacking
from flask_app.domain.workflows.competition import WORKFLOW, ApplicationFacts, CompetitionFacts, SessionFacts
from flask_app.store.rule_packs import shipped_pack

PACK = shipped_pack("kg-mun-2006")
TEST_DAY = date(2026, 6, 15)
MEMBERS = frozenset(UUID(int=n) for n in range(1, 6))
WINNER = UUID(int=99)
EVERYBODY = frozenset(ROLES)


ITEMS = frozenset(PACK.announcement.items)
LESS = ITEMS - {"functional_duties"}


def applicant(state: str, **facts: object) -> ApplicationFacts:
    return ApplicationFacts(uuid4(), state, **facts)  # type: ignore[arg-type]  # named by each test


def facts(**changes: object) -> CompetitionFacts:
    """A competition that may take any step; each test spoils one thing."""
    sound = CompetitionFacts(
        pack=PACK,
        calendar=WorkCalendar(),
        kind="open",
        position_is_administrative=True,
        vacant_since=TEST_DAY,
        announcement={"ky": ITEMS, "ru": ITEMS},
        internal_round="протокол",
        agreement="01-3/214",
        sent_on=TEST_DAY - timedelta(days=60),
        agreed_on=TEST_DAY - timedelta(days=58),
        published_on=(TEST_DAY - timedelta(days=55),),
        commission_members=MEMBERS,
        commission_has_chair=True,
        commission_has_secretary=True,
        session=SessionFacts(TEST_DAY, "зал", forms_drawn=True, pushed=True),
        present_members=frozenset(list(MEMBERS)[:3]),
        vote_counted=True,
        winner=WINNER,
        applications=(ApplicationFacts(WINNER, "winner"),),
        decided_on=TEST_DAY,
        order_signed_on=TEST_DAY,
        protocol_in_force=True,
    )
    return replace(sound, **changes)  # type: ignore[arg-type]  # named by each test


def refusals(step: str, state: str, given: CompetitionFacts) -> list[str]:
    act = Act(TEST_DAY, datetime(2026, 6, 20, tzinfo=UTC), evidence="№ 1", reason="—")
    try:
        decide(WORKFLOW, step, state, EVERYBODY, act, given)
    except Refused as refused:
        return [refused.code, *(other.code for other in refused.others)]
    return []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"announcement": {"ky": LESS, "ru": LESS}}, "competition.announcement_incomplete"),
        ({"announcement": {"ky": LESS, "ru": ITEMS}}, "competition.announcement_not_in_kyrgyz"),
        ({"announcement": {"ru": ITEMS}}, "competition.announcement_not_in_kyrgyz"),
        ({"position_is_administrative": False}, "competition.post_not_administrative"),
        ({"vacant_since": None}, "competition.post_not_vacant"),
        ({"vacant_since": TEST_DAY + timedelta(days=1)}, "competition.post_not_vacant_yet"),
        ({"internal_round": ""}, "competition.internal_round_first"),
        ({"commission_has_chair": False}, "competition.commission_incomplete"),
        ({"commission_has_secretary": False}, "competition.commission_incomplete"),
    ],
)
def test_what_a_draft_needs(changes: dict[str, object], code: str) -> None:
    assert refusals("submit_text", "draft", facts()) == []
    assert refusals("submit_text", "draft", facts(**changes)) == [code]


@pytest.mark.parametrize(("days", "codes"), [(0, []), (-1, []), (1, ["competition.applied_later"])])
def test_reception_is_not_closed_before_its_last_application(days: int, codes: list[str]) -> None:
    last = TEST_DAY + timedelta(days=days)
    assert refusals("close_documents", "documents_open", facts(last_applied_on=last)) == codes
    assert refusals("close_documents", "documents_open", facts(last_applied_on=None)) == []


def test_an_internal_competition_is_followed_by_an_open_one() -> None:
    assert refusals("order_repeat", "no_winner", facts()) == []
    assert refusals("order_repeat", "no_winner", facts(kind="internal")) == ["competition.open_comes_next"]


def test_that_there_is_no_winner_stands_in_a_signed_protocol() -> None:
    nobody = facts(winner=None, applications=())
    assert refusals("find_no_winner", "decided", nobody) == []
    unsigned = replace(nobody, protocol_in_force=False)
    assert refusals("find_no_winner", "decided", unsigned) == ["competition.protocol_not_signed"]


def test_a_gap_is_named_with_its_language_and_rule() -> None:
    lost = {"position", "functional_duties"}
    said = {"ky": ITEMS - lost, "ru": ITEMS - {"position"}}
    nowhere, untold = gaps(PACK, said)
    assert (nowhere.params, untold.params) == (
        {"missing": "position", "n": 1},
        {"missing": "functional_duties", "n": 1},
    )
    assert (nowhere.rule, untold.rule) == (PACK.rule(PACK.announcement), ORIGINAL["KG"][1])


@given(st.sets(st.sampled_from(sorted(ITEMS))), st.sets(st.sampled_from(sorted(ITEMS))))
def test_the_text_goes_out_with_the_whole_original_and_only_then(ky: set[str], ru: set[str]) -> None:
    said = {"ky": frozenset(ky), "ru": frozenset(ru)}
    told = {item for gap in gaps(PACK, said) for item in str(gap.params["missing"]).split(", ")}
    assert told == ITEMS - ky
    assert set(lacking(PACK, said, "ru")) == ITEMS - ru


def test_a_text_that_lost_an_item_after_it_was_sent_is_not_announced() -> None:
    lost = facts(announcement={"ky": LESS, "ru": LESS})
    assert refusals("announce", "text_agreement", lost) == ["competition.announcement_incomplete"]


def test_an_internal_competition_needs_no_earlier_one() -> None:
    assert refusals("submit_text", "draft", facts(kind="internal", internal_round="")) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"agreement": ""}, "competition.text_not_agreed"), ({"published_on": ()}, "competition.not_published")],
)
def test_what_an_announcement_needs(changes: dict[str, object], code: str) -> None:
    assert refusals("announce", "text_agreement", facts(**changes)) == [code]


SENT = TEST_DAY - timedelta(days=60)
"""As in `facts`: agreed two days after it, published five days after it."""


def after_sending(days: int) -> date:
    return SENT + timedelta(days=days)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"agreed_on": after_sending(0)}, []),
        ({"agreed_on": after_sending(-1)}, ["competition.agreed_before_sending"]),
        ({"agreed_on": after_sending(5)}, []),
        ({"agreed_on": after_sending(6)}, ["competition.published_before_agreement"]),
        ({"published_on": (after_sending(-2), after_sending(1))}, ["competition.published_before_agreement"]),
        ({"published_on": (after_sending(-2), after_sending(2))}, []),
        ({"published_on": (TEST_DAY,)}, []),
        ({"published_on": (TEST_DAY + timedelta(days=1),)}, ["competition.announced_before_publication"]),
        ({"published_on": (TEST_DAY, TEST_DAY + timedelta(days=1))}, []),
        ({"published_on": (SENT, TEST_DAY + timedelta(days=1))}, ["competition.announced_before_publication"]),
    ],
)
def test_sent_agreed_published_announced_in_this_order(changes: dict[str, object], codes: list[str]) -> None:
    assert refusals("announce", "text_agreement", facts(**changes)) == codes


@given(sent=st.dates(), agreed=st.dates(), published=st.dates(), announced=st.dates())
def test_only_days_in_order_pass(sent: date, agreed: date, published: date, announced: date) -> None:
    given = facts(sent_on=sent, agreed_on=agreed, published_on=(published,))
    act = Act(announced, datetime(2026, 6, 20, tzinfo=UTC), evidence="№ 1")
    offer = next(o for o in offers(WORKFLOW, "text_agreement", EVERYBODY, act, given) if o.transition.id == "announce")
    assert offer.open == (sent <= agreed <= published <= announced)
    cited = {refusal.code for refusal in offer.refusals if refusal.rule is not None}
    assert cited <= {"competition.published_before_agreement"}, "the plain order of acts cites no rule"


@given(days=st.integers(0, 30))
def test_a_week_s_notice_and_not_a_day_less(days: int) -> None:
    told = applicant("notified", notified_on=TEST_DAY - timedelta(days=days))
    expected = [] if days >= 7 else ["competition.notice_too_late"]
    assert refusals("begin_testing", "screening", facts(applications=(told,))) == expected


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"session": None}, "competition.no_session"),
        ({"session": SessionFacts(TEST_DAY, "", forms_drawn=False, pushed=True)}, "competition.forms_not_drawn"),
        ({"session": SessionFacts(TEST_DAY, "", forms_drawn=True, pushed=False)}, "competition.session_not_pushed"),
        ({"applications": (applicant("registered"),)}, "competition.not_all_screened"),
        ({"applications": (applicant("rejected"),)}, "competition.nobody_admitted"),
        ({"applications": (applicant("admitted"),)}, "competition.not_notified"),
    ],
)
def test_what_the_testing_needs(changes: dict[str, object], code: str) -> None:
    told = (applicant("notified", notified_on=TEST_DAY - timedelta(days=7)),)
    assert code in refusals("begin_testing", "screening", facts(**{"applications": told, **changes}))


@given(days=st.integers(-10, 10))
def test_the_testing_begins_on_its_day_and_not_before(days: int) -> None:
    told = applicant("notified", notified_on=TEST_DAY - timedelta(days=7))
    act = Act(TEST_DAY + timedelta(days=days), datetime(2026, 12, 20, tzinfo=UTC))
    offered = offers(WORKFLOW, "screening", EVERYBODY, act, facts(applications=(told,)))
    codes = [refusal.code for offer in offered if offer.transition.id == "begin_testing" for refusal in offer.refusals]
    assert codes == ([] if days >= 0 else ["competition.session_not_begun"])


def test_nobody_is_said_to_have_failed_while_results_are_missing() -> None:
    some = (applicant("below_threshold"), applicant("notified"))
    assert refusals("begin_interviews", "testing", facts(applications=some)) == ["competition.results_missing"]


@pytest.mark.parametrize(
    ("application", "code"),
    [
        (applicant("notified"), "competition.results_missing"),
        (applicant("qualified"), "competition.practical_missing"),
        (applicant("below_threshold"), "competition.nobody_qualified"),
    ],
)
def test_what_the_interviews_need(application: ApplicationFacts, code: str) -> None:
    assert code in refusals("begin_interviews", "testing", facts(applications=(application,)))


def test_an_attempt_nobody_explains_stops_the_interviews() -> None:
    ready = (applicant("qualified", practical_done=True),)
    assert refusals("begin_interviews", "testing", facts(applications=ready)) == []
    session = SessionFacts(TEST_DAY, "", forms_drawn=True, pushed=True, unexplained=1)
    assert refusals("begin_interviews", "testing", facts(applications=ready, session=session)) == [
        "competition.attempts_unexplained"
    ]


def test_every_present_member_marks_every_candidate() -> None:
    present = facts().present_members
    assert (
        refusals("begin_voting", "interviewing", facts(applications=(applicant("interviewed", marked_by=present),)))
        == []
    )
    partly = frozenset(list(present)[1:])
    assert refusals(
        "begin_voting", "interviewing", facts(applications=(applicant("interviewed", marked_by=partly),))
    ) == ["competition.marks_missing"]
    aside = applicant("interviewed", marked_by=partly, recused=present - partly)
    assert refusals("begin_voting", "interviewing", facts(applications=(aside,))) == []


@given(days=st.integers(-3, 10))
def test_the_order_within_three_days(days: int) -> None:
    late = facts(order_signed_on=TEST_DAY + timedelta(days=days))
    expected = [] if 0 <= days <= 3 else ["competition.order_too_late"]
    assert refusals("appoint", "decided", late) == expected


@given(days=st.integers(-3, 10))
def test_working_days_are_counted_where_the_pack_says_so(days: int) -> None:
    """15.06.2026 is a Monday: three working days end on Thursday."""
    term = PACK.appointment.model_copy(update={"unit": "working"})
    pack = PACK.model_copy(update={"appointment": term})
    late = facts(pack=pack, order_signed_on=TEST_DAY + timedelta(days=days))
    expected = [] if 0 <= days <= 3 else ["competition.order_too_late"]
    assert refusals("appoint", "decided", late) == expected
    friday = date(2026, 6, 19)
    over_weekend = facts(pack=pack, decided_on=friday, order_signed_on=friday + timedelta(days=5))
    assert refusals("appoint", "decided", over_weekend) == []


def test_without_a_signed_order_nobody_is_appointed() -> None:
    assert refusals("appoint", "decided", facts(order_signed_on=None)) == ["competition.order_missing"]


def test_who_won_the_vote_is_appointed_as_the_winner_only() -> None:
    for state in ("interviewed", "withdrawn", "reserve_recommended"):
        told = facts(winner=WINNER, applications=(ApplicationFacts(WINNER, state),))
        assert refusals("appoint", "decided", told)[0] == "competition.no_winner_to_appoint"


@pytest.mark.parametrize(("step", "winner"), [("appoint", WINNER), ("find_no_winner", None)])
def test_every_candidate_of_the_vote_has_his_outcome_first(step: str, winner: UUID | None) -> None:
    left = (ApplicationFacts(WINNER, "winner"), applicant("interviewed"), applicant("reserve_recommended"))
    assert refusals(step, "decided", facts(winner=winner, applications=left)) == ["competition.candidates_not_settled"]


def test_no_winner_no_appointment_and_the_other_way_round() -> None:
    assert refusals("appoint", "decided", facts(winner=None)) == ["competition.no_winner_to_appoint"]
    assert refusals("find_no_winner", "decided", facts()) == ["competition.has_a_winner"]
    assert refusals("find_no_winner", "decided", facts(winner=None)) == []


@pytest.mark.parametrize(("step", "role"), [("appoint", HEAD), ("begin_testing", SECRETARY), ("announce", HR_OFFICER)])
def test_each_step_has_its_officer(step: str, role: str) -> None:
    assert role in WORKFLOW.transitions[step].roles


def test_every_refusal_names_its_rule() -> None:
    spoilt = facts(announcement={}, position_is_administrative=False, internal_round="", commission_has_chair=False)
    act = Act(TEST_DAY, datetime(2026, 6, 20, tzinfo=UTC))
    with pytest.raises(Refused) as refused:
        decide(WORKFLOW, "submit_text", "draft", EVERYBODY, act, spoilt)
    assert refused.value.rule is not None
    assert all(other.rule is not None for other in refused.value.others)
