"""The commission's pages: the sitting, marks, the vote, its counting and what follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from flask_app.services import commission_desk
from flask_app.services.applications import applications_of
from flask_app.services.bodies import actor_of, add_person
from flask_app.services.commission_seats import add_seat
from flask_app.services.commissions import Change, NewMember
from flask_app.services.office import Office
from flask_app.services.paper_shelf import papers_about
from flask_app.store.models.applications import Application
from flask_app.store.models.commissions import CommissionMember
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition
from tests.web import sitting_day, town
from tests.web.client import Page, PageClient, text_of
from tests.web.conftest import QueryCount
from tests.web.sitting_day import SittingDay

Browsers = Callable[[str], PageClient]


@pytest.fixture
def day(office: Office) -> SittingDay:
    return sitting_day.build(office)


@pytest.fixture
def as_(app: Flask) -> Browsers:
    """A browser of its own for each person, logged in."""
    known: dict[str, PageClient] = {}

    def browser(login: str) -> PageClient:
        if login not in known:
            known[login] = PageClient(app).at_work(login)
        return known[login]

    return browser


def fields(page: Page, action: str) -> dict[str, str]:
    """What the form to `action` would send as it stands."""
    form = next(form for form in page.all("form") if form.get("action") == action)
    sent = {}
    for control in form.iter("input"):
        kind, name = control.get("type", "text"), control.get("name", "")
        if kind in ("radio", "checkbox") and control.get("checked") is None:
            continue
        sent[name] = control.get("value", "")
    return sent


def send(browser: PageClient, path: str, action: str, **more: str) -> None:
    """Fill in the form as it stands on the page and send it; it must be accepted."""
    sent = fields(browser.get(path), action) | more
    answer = browser.browser.post(action, data=sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)


def base(day: SittingDay) -> str:
    return f"/commission/{day.id}"


def marks(mark: int = 4) -> dict[str, str]:
    return {f"mark_{place}": str(mark) for place in range(1, 10)}


def give_marks(browser: PageClient, day: SittingDay, candidate: UUID, mark: int = 4) -> None:
    path = f"{base(day)}/candidates/{candidate}"
    sent = fields(browser.get(path), f"{path}/review") | marks(mark)
    review = browser.post(f"{path}/review", sent, 200)
    saved = browser.browser.post(path, data=fields(review, path))
    assert saved.status_code == 303


def give_vote(browser: PageClient, day: SittingDay, *choices: str) -> None:
    path = f"{base(day)}/ballot"
    sent = fields(browser.get(path), f"{path}/review")
    sent |= {f"choice_{id_}": choice for id_, choice in zip(day.candidates, choices, strict=True) if choice}
    review = browser.post(f"{path}/review", sent, 200)
    saved = browser.browser.post(path, data=fields(review, path))
    assert saved.status_code == 303


def stand_aside(browser: PageClient, day: SittingDay, candidate: UUID, **reason: str) -> None:
    path = f"{base(day)}/candidates/{candidate}/recusal"
    send(browser, path, path, **{f"reason_{language}": text for language, text in reason.items()})


def to_the_vote(as_: Browsers, office: Office, day: SittingDay) -> None:
    sitting_day.invited(office, day)
    for login in ("chair", "member", "member2"):
        for candidate in day.candidates:
            give_marks(as_(login), day, candidate)
    send(as_("secretary"), base(day), f"{base(day)}/vote/opening")


def test_from_the_sitting_to_the_decision(as_: Browsers, office: Office, day: SittingDay) -> None:
    desk = base(day)
    secretary = as_("secretary")
    send(secretary, desk, f"{desk}/invitations")
    opening = secretary.get(f"{desk}/sitting")
    seats = [e.get("value", "") for e in opening.all("input", name="present")]
    assert len(seats) == 4
    sent = fields(opening, f"{desk}/sitting") | {"place_ky": "Чакан зал", "place_ru": "Малый зал", "started": "14:00"}
    answer = secretary.browser.post(f"{desk}/sitting", data=sent | {"present": seats})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert "Оценить 3 кандидатов" in as_("member2").get("/").text
    for login in ("chair", "member", "member2"):
        for candidate in day.candidates:
            give_marks(as_(login), day, candidate)
    assert "Оценить" not in as_("member2").get("/").text
    for page in (secretary.get("/"), secretary.get(f"/procedures/competition/{day.id}")):
        assert "Собеседование не проведено" not in page.text, "one press closes the interviews and opens the vote"
    send(secretary, desk, f"{desk}/vote/opening")
    assert "Проголосовать по 3 кандидатам" in as_("chair").get("/").text
    give_vote(as_("chair"), day, "against", "for", "abstain")
    assert "Проголосовать" not in as_("chair").get("/").text
    stand_aside(as_("member"), day, day.candidates[2], ky="тууганым", ru="мой родственник")
    give_vote(as_("member"), day, "for", "for", "")
    assert "2 / 3" in secretary.get(desk).text
    give_vote(as_("member2"), day, "against", "for", "against")
    chair = as_("chair")
    send(chair, f"{desk}/count", f"{desk}/count")
    outcome = chair.get(f"{desk}/steps/decide")
    assert len(outcome.rows()) == 3
    send(chair, f"{desk}/steps/decide", f"{desk}/steps/decide")
    with office.work(actor_of(office, "secretary")) as work:
        states = {row.id: row.state for row in commission_desk.desk_of(work, day.id).candidates}
    assert [states[id_] for id_ in day.candidates] == ["reserve_recommended", "winner", "not_selected"]
    assert ["".join(h.itertext()) for h in chair.get(desk).all("h2", id="nx")] == [
        "Победитель: Акматова Айгерим Асан кызы"
    ]
    told = as_("auditor").get(f"/journal/competition/{day.id}").all("td")
    objects = {"".join(cell.itertext()) for cell in told if cell.get("data-label") == "Объект"}
    assert {"Конкурс № К-2026/020", "Заявление № 1, К-2026/020", "Заседание № К-2026/020"} <= objects, objects


def test_a_member_sees_and_gives_only_own_marks(as_: Browsers, office: Office, day: SittingDay) -> None:
    sitting_day.invited(office, day)
    first = day.candidates[0]
    give_marks(as_("chair"), day, first, 5)
    page = as_("member").get(f"{base(day)}/candidates/{first}")
    assert not [e for e in page.all("input", type="radio") if e.get("checked") is not None]
    give_marks(as_("member"), day, first, 2)
    shown = as_("member").get(f"{base(day)}/candidates/{first}")
    assert [row[-1] for row in shown.rows()] == ["2"] * 9
    again = as_("member").browser.post(
        f"{base(day)}/candidates/{first}", data={"form_token": as_("member").token(base(day)), **marks(5)}
    )
    assert again.status_code == 422


def test_marks_with_a_gap_come_back_as_they_were_chosen(as_: Browsers, office: Office, day: SittingDay) -> None:
    sitting_day.invited(office, day)
    path = f"{base(day)}/candidates/{day.candidates[0]}"
    sent = fields(as_("member").get(path), f"{path}/review") | marks()
    del sent["mark_3"]
    page = as_("member").post(f"{path}/review", sent, 422)
    assert "#mark-3-1" in page.links()
    assert len([e for e in page.all("input", type="radio") if e.get("checked") is not None]) == 8


def test_who_has_no_vote_there_has_no_marks_and_no_ballot(as_: Browsers, office: Office, day: SittingDay) -> None:
    to_the_vote(as_, office, day)
    for login in ("secretary", "hr", "head", "auditor"):
        as_(login).get(f"{base(day)}/candidates/{day.candidates[0]}", 403)
        as_(login).get(f"{base(day)}/ballot", 403)


def test_a_ballot_comes_without_a_choice_and_repeats_it_before_it_is_given(
    as_: Browsers, office: Office, day: SittingDay
) -> None:
    to_the_vote(as_, office, day)
    member, path = as_("member"), f"{base(day)}/ballot"
    page = member.get(path)
    radios = page.all("input", type="radio")
    assert len(radios) == 9
    assert not [radio for radio in radios if radio.get("checked") is not None]
    token = fields(page, f"{path}/review")
    some = member.post(f"{path}/review", token | {f"choice_{day.candidates[0]}": "for"}, 422)
    assert not [radio for radio in some.all("input", type="radio") if radio.get("checked") is not None]
    give_vote(member, day, "for", "against", "abstain")
    member.get(path, 422)


def test_nobody_is_told_how_somebody_voted(as_: Browsers, office: Office, day: SittingDay) -> None:
    to_the_vote(as_, office, day)
    before = as_("chair").get(base(day)).text
    give_vote(as_("member"), day, "for", "against", "against")
    after = as_("chair").get(base(day)).text
    assert before.replace("0 / 3", "1 / 3") != before
    assert "1 / 3" in after
    as_("chair").get(f"{base(day)}/steps/decide", 200)
    assert "1 / 3" in as_("secretary").get(f"{base(day)}/count").text
    answer = as_("secretary").browser.post(f"{base(day)}/count", data={"form_token": as_("secretary").token(base(day))})
    assert answer.status_code == 409


def test_an_old_page_does_not_open_the_vote(as_: Browsers, office: Office, day: SittingDay) -> None:
    sitting_day.invited(office, day)
    for login in ("chair", "member", "member2"):
        for candidate in day.candidates:
            give_marks(as_(login), day, candidate)
    sent = fields(as_("secretary").get(base(day)), f"{base(day)}/vote/opening")
    page = as_("secretary").post(f"{base(day)}/vote/opening", sent | {"version": "1"}, 409)
    assert page.status == 409
    with office.work(actor_of(office, "secretary")) as work:
        found = commission_desk.desk_of(work, day.id)
        assert {row.state for row in found.candidates} == {"invited"}


def test_absence_needs_a_reason(as_: Browsers, day: SittingDay) -> None:
    secretary, path = as_("secretary"), f"{base(day)}/sitting"
    page = secretary.get(path)
    chair, ill, *others = [e.get("value", "") for e in page.all("input", name="present")]
    sent = fields(page, path) | {"place_ky": "Чакан зал", "started": "14:00"}
    answer = secretary.browser.post(path, data=sent | {"present": [chair, *others]})
    assert answer.status_code == 422
    reason = {f"reason_{ill}_ky": "ооруп жатат"}
    answer = secretary.browser.post(path, data=sent | reason | {"present": [chair, *others]})
    assert answer.status_code == 303
    assert "ооруп жатат" in secretary.get(base(day)).text


def test_an_absence_is_taken_back_until_the_vote_is_opened(as_: Browsers, office: Office, day: SittingDay) -> None:
    sitting_day.invited(office, day)
    desk, secretary = base(day), as_("secretary")
    late = f"{desk}/candidates/{day.candidates[0]}/absence"
    title = "Не пришли на собеседование: снять отметку"
    assert title not in secretary.get(desk).text
    send(secretary, desk, late, reason="не пришёл")
    page = secretary.get(desk)
    assert title in page.text
    assert "Неявка" not in [text_of(cell) for cell in page.all("td")], (
        "who is absent stands in no row of the commission"
    )
    missing_reason = secretary.post(f"{late}/recall", fields(page, f"{late}/recall"), 422)
    assert "Напишите причину" in missing_reason.text
    assert title not in as_("member").get(desk).text
    send(secretary, desk, f"{late}/recall", reason="пришёл к трём часам")
    assert title not in secretary.get(desk).text
    again = secretary.browser.post(f"{late}/recall", data={"form_token": secretary.token(desk), "reason": "ещё раз"})
    assert again.status_code == 409
    for login in ("chair", "member", "member2"):
        for candidate in day.candidates:
            give_marks(as_(login), day, candidate)
    send(secretary, desk, f"{desk}/vote/opening")
    with office.work(actor_of(office, "auditor")) as work:
        states = {a.id: a.state for a in applications_of(work, day.id)}
    assert [states[id_] for id_ in day.candidates] == ["interviewed"] * 3


def test_a_refused_opening_comes_back_as_it_was_filled_in(as_: Browsers, office: Office, day: SittingDay) -> None:
    """By a rule on who is there, and by one on the day: what was typed stays, the summary leads to the field."""
    secretary, path = as_("secretary"), f"{base(day)}/sitting"
    page = secretary.get(path)
    assert "на обоих языках протокола" in page.text
    chair, *others = [e.get("value", "") for e in page.all("input", name="present")]
    typed = {"place_ky": "Чакан зал", "place_ru": "Малый зал", "started": "14:00", "form": "video"}
    reason = {f"reason_{chair}_ru": "командировка"}
    sent = fields(page, path) | typed | reason
    back = secretary.post(path, sent | {"present": others}, 422)
    assert "#present-1" in back.links()
    assert "заседание некому вести" in back.text
    assert {name: fields(back, path)[name] for name in (*typed, *reason)} == typed | reason
    assert [e.get("value") for e in back.all("input", name="present") if e.get("checked") is not None] == others
    with office.work(actor_of(office, "hr")) as work:
        commission = work.get(Competition, day.id).commission_id
        assert commission is not None
        new = NewMember(add_person(work, "Жаңы Мүчө").id, "member", town.POSTS, True)
        add_seat(work, commission, new, Change(town.TODAY, "приказ № 18"))
    yesterday = {"held_on": f"{town.TODAY - timedelta(days=1):%d.%m.%Y}"}
    seats = [e.get("value", "") for e in secretary.get(path).all("input", name="present")]
    late = secretary.post(path, sent | yesterday | {"present": seats}, 409)
    assert "#held_on" in late.links()
    assert fields(late, path)["place_ru"] == "Малый зал"
    assert fields(late, path)["held_on"] == yesterday["held_on"]


def substitute(office: Office, day: SittingDay, login: str, member: str) -> UUID:
    """Somebody whose roles open no competition becomes the substitute of a member."""
    with office.work(actor_of(office, "hr")) as work:
        commission = work.get(Competition, day.id).commission_id
        person = actor_of(office, login).person_id
        assert commission is not None
        assert person is not None
        new = NewMember(person, "substitute", town.POSTS, True, actor_of(office, member).person_id)
        return add_seat(work, commission, new, Change(town.TODAY, "приказ № 17"))


def test_a_substitute_opens_only_the_sitting_of_an_absent_member(
    as_: Browsers, office: Office, day: SittingDay, queries: QueryCount
) -> None:
    """No role of theirs opens competitions: "bank" sits for member2, "training" is the substitute of one who came."""
    seat, idle = substitute(office, day, "bank", "member2"), substitute(office, day, "training", "member")
    marking = f"{base(day)}/candidates/{day.candidates[0]}"
    secretary, path = as_("secretary"), f"{base(day)}/sitting"
    shown = secretary.get(f"/procedures/competition/{day.id}").text
    assert "вместо: Дөөлөтов Мирлан Эсенович" in shown
    assert "3 с правом голоса" in shown, "substitutes are no members"
    page = secretary.get(path)
    places = {"".join(label.itertext()).strip(): label.get("for", "") for label in page.all("label")}
    there = {e.get("value", ""): e.get("id", "") for e in page.all("input", name="present")}
    ticks = {e.get("value", ""): e.get("id", "") for e in page.all("input", name="substitute")}
    assert set(ticks) == {str(seat), str(idle)}
    assert places["На этом месте заседает Петренко Валерия Игоревна (замещающий)"] == ticks[str(seat)]
    absent = next(
        id_ for id_, place in there.items() if place.rpartition("-")[2] == ticks[str(seat)].rpartition("-")[2]
    )
    sent = fields(page, path) | {"place_ky": "Чакан зал", "started": "14:00", f"reason_{absent}_ky": "ооруп жатат"}
    came = [one for one in there if one != absent]
    both = secretary.browser.post(path, data=sent | {"present": list(there), "substitute": [str(seat)]})
    assert both.status_code == 422
    assert f'href="#{ticks[str(seat)]}"' in both.get_data(as_text=True)
    gone = secretary.browser.post(path, data=sent | {"present": came, "substitute": [str(day.id)]})
    assert (gone.status_code, "не замещает никого" in gone.get_data(as_text=True)) == (422, True)
    for login in ("bank", "training"):
        as_(login).get(base(day), 404)
        assert as_(login).get("/commission").rows() == []
    answer = secretary.browser.post(path, data=sent | {"present": came, "substitute": [str(seat)]})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert "присутствуют с правом голоса: 3 из 3" in secretary.get(base(day)).text
    assert "вместо: Дөөлөтов Мирлан Эсенович" in secretary.get(base(day)).text
    send(secretary, base(day), f"{base(day)}/invitations")

    for closed in (base(day), marking, f"{base(day)}/ballot", f"/procedures/competition/{day.id}"):
        as_("training").get(closed, 404)
    as_("member2").get(marking, 403)
    for candidate in day.candidates:
        give_marks(as_("bank"), day, candidate)
    queries.statements.clear()
    assert len(as_("bank").get("/commission").rows()) == 1
    assert len(queries.statements) <= 15
    queries.statements.clear()
    as_("bank").get(base(day))
    assert len(queries.statements) <= 15
    with office.work(actor_of(office, "hr")) as work:
        commission = work.get(Competition, day.id).commission_id
    as_("bank").get(f"/commissions/{commission}", 404)


def test_a_member_stands_aside_before_marking_and_comes_back(
    as_: Browsers, office: Office, day: SittingDay, queries: QueryCount
) -> None:
    """With a reason, in either language; the secretary sees it, the member is asked for nothing there any more."""
    sitting_day.invited(office, day)
    member, secretary = as_("member"), as_("secretary")
    first, second, third = day.candidates
    marking, path = f"{base(day)}/candidates/{first}", f"{base(day)}/candidates/{first}/recusal"
    assert path in member.get(base(day)).links()
    assert path in member.get(marking).links()
    assert path not in secretary.get(base(day)).links()
    page = member.get(path)
    assert "большинство, как и прежде, считают от 3" in page.text
    assert "останутся в записи" not in page.text, "nothing is marked yet"
    empty = member.post(path, fields(page, path), 422)
    assert "#reason_ky" in empty.links()
    stand_aside(member, day, first, ru="мой двоюродный брат")
    shown = secretary.get(base(day)).text
    assert "Самоотвод: " in shown
    assert "мой двоюродный брат" in shown
    assert "0 / 2" in shown
    assert not member.get(marking).all("input", type="radio")
    refused = member.browser.post(marking, data={"form_token": member.token(base(day)), **marks(5)})
    assert (refused.status_code, "взяли самоотвод" in refused.get_data(as_text=True)) == (422, True)
    queries.statements.clear()
    next_one = member.get(base(day))
    assert len(queries.statements) <= 15
    assert f"{base(day)}/candidates/{second}" in next_one.links()
    give_marks(member, day, third)
    assert "останутся в записи" in member.get(f"{base(day)}/candidates/{third}/recusal").text
    send(member, path, f"{path}/withdrawal")
    assert "двоюродный" not in secretary.get(base(day)).text
    give_marks(member, day, first)


def test_after_the_decision_the_desk_says_what_was_decided_and_that_the_protocol_is_next(
    as_: Browsers, office: Office, day: SittingDay, queries: QueryCount
) -> None:
    to_the_vote(as_, office, day)
    for login in ("chair", "member", "member2"):
        give_vote(as_(login), day, "against", "against", "against")
    chair, secretary = as_("chair"), as_("secretary")
    send(chair, f"{base(day)}/count", f"{base(day)}/count")
    send(chair, f"{base(day)}/steps/decide", f"{base(day)}/steps/decide")
    about = f"/papers/about/competition/{day.id}"
    headline = "Победитель не определён"
    queries.statements.clear()
    page = secretary.get(base(day))
    assert len(queries.statements) <= 15, queries.statements
    assert ["".join(h.itertext()) for h in page.all("h2", id="nx")] == [headline]
    assert "Составить протокол заседания" in page.text
    assert f"{about}#kind-D16" in page.links()
    assert "Следующий шаг, за другими" in as_("member").get(base(day)).text
    send(secretary, about, f"{about}/D16")
    with office.work(actor_of(office, "secretary")) as work:
        (paper,) = papers_about(work, day.id)
    steps = f"/papers/{paper.id}/steps"
    for step, said in (("submit", "Рассмотреть протокол"), ("approve", "Подписать протокол")):
        assert steps in secretary.get(base(day)).links()
        send(secretary, f"{steps}/{step}", f"{steps}/{step}")
        assert said in secretary.get(base(day)).text
    assert "председатель комиссии" in secretary.get(base(day)).text
    send(chair, f"{steps}/sign", f"{steps}/sign")
    signed = chair.get(base(day))
    assert ["".join(h.itertext()) for h in signed.all("h2", id="nx")] == [headline]
    assert "№ 1-P/2026" in signed.text
    assert f"{base(day)}/steps/find_no_winner" in signed.links()


def becomes(office: Office, member: str, candidate: UUID, *, certain: bool) -> None:
    """Who logs in as `member` turns out to be a candidate, or has at least the name of one."""
    with office.work(actor_of(office, "secretary")) as work:
        seated = work.session.get_one(Person, actor_of(office, member).person_id)
        known = work.session.get_one(Person, work.get(Application, candidate).person_id)
        seated.folded_name = known.folded_name
        known.birth_date, seated.birth_date = date(1980, 5, 1), date(1980, 5, 1) if certain else None


@pytest.mark.parametrize("certain", [True, False])
def test_a_candidate_at_the_table_that_judges_them_is_told_until_they_stand_aside(
    as_: Browsers, office: Office, day: SittingDay, queries: QueryCount, certain: bool
) -> None:
    """Whoever was seated after the list was taken is in no warning of the list."""
    said = "сам входит в комиссию (член комиссии)" if certain else "так же зовут человека из комиссии (член комиссии)"
    first, *others = day.candidates
    secretary, member, other = as_("secretary"), as_("member"), as_("member2")
    assert said not in secretary.get(f"{base(day)}/sitting").text
    becomes(office, "member", first, certain=certain)
    assert said in secretary.get(f"{base(day)}/sitting").text, "before the sitting, while the seat can still end"
    sitting_day.invited(office, day)
    queries.statements.clear()
    assert said in secretary.get(base(day)).text
    assert len(queries.statements) <= 15
    assert said in member.get(f"{base(day)}/candidates/{others[0]}").text, "they must not judge their rivals either"
    assert said not in other.get(f"{base(day)}/candidates/{first}").text
    stand_aside(member, day, first, ru="это я")
    assert said in secretary.get(base(day)).text
    for rival in others:
        stand_aside(member, day, rival, ru="это мои соперники")
    assert said not in secretary.get(base(day)).text


def test_a_candidate_who_is_not_at_the_sitting_judges_nobody(as_: Browsers, office: Office, day: SittingDay) -> None:
    secretary, path = as_("secretary"), f"{base(day)}/sitting"
    page = secretary.get(path)
    with office.work(actor_of(office, "secretary")) as work:
        person = actor_of(office, "member").person_id
        own = set(work.session.scalars(select(CommissionMember.id).where(CommissionMember.person_id == person)))
    there = [box.get("value", "") for box in page.all("input", name="present")]
    (away,) = [seat for seat in there if UUID(seat) in own]
    becomes(office, "member", day.candidates[0], certain=True)
    sent = fields(page, path) | {"place_ky": "Чакан зал", "started": "14:00", f"reason_{away}_ru": "он кандидат"}
    opened = secretary.browser.post(path, data=sent | {"present": [seat for seat in there if seat != away]})
    assert opened.status_code == 303
    assert "сам входит в комиссию" not in secretary.get(base(day)).text


def test_whoever_stands_aside_everywhere_owes_no_ballot(as_: Browsers, office: Office, day: SittingDay) -> None:
    to_the_vote(as_, office, day)
    member = as_("member")
    for candidate in day.candidates:
        stand_aside(member, day, candidate, ky="тууганым")
    assert "голосовать вам не по кому" in member.get(base(day)).text
    member.get(f"{base(day)}/ballot", 422)
    give_vote(as_("chair"), day, "for", "against", "against")
    give_vote(as_("member2"), day, "for", "against", "against")
    assert "2 / 2" in as_("chair").get(f"{base(day)}/count").text
    send(as_("chair"), f"{base(day)}/count", f"{base(day)}/count")
    gone = member.get(f"{base(day)}/candidates/{day.candidates[0]}/recusal")
    assert "уже подсчитаны" in gone.text
    assert not gone.all("input", name="reason_ky")


PAGES = ("", "/sitting", "/candidates/{first}", "/candidates/{first}/recusal", "/ballot", "/count", "/steps/decide")


@pytest.mark.parametrize("page", PAGES)
def test_another_body_sees_nothing(as_: Browsers, office: Office, day: SittingDay, page: str) -> None:
    as_("stranger").get(base(day) + page.format(first=day.candidates[0]), 404)


def test_a_competition_before_its_interviews_has_no_desk(as_: Browsers, here: town.Town) -> None:
    as_("secretary").get(f"/commission/{here.screening}", 404)


def test_queries(as_: Browsers, office: Office, day: SittingDay, queries: QueryCount) -> None:
    to_the_vote(as_, office, day)
    give_vote(as_("chair"), day, "for", "against", "against")
    for path in ("/commission", base(day), f"{base(day)}/ballot"):
        browser = as_("member")
        queries.statements.clear()
        browser.get(path)
        assert len(queries.statements) <= 15, (path, queries.statements)
