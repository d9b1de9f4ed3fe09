"""Figures of a bank: counted from answers in a real database, kept, and read back without an answer being read."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from flask_app.domain.errors import NotFound, NotPermitted
from flask_app.domain.identity import AUDITOR, BANK_EDITOR, HR_OFFICER, Actor
from flask_app.messages import LANGUAGES, explain
from flask_app.services import item_statistics_count as count
from flask_app.services.banks import load_bank
from flask_app.services.item_statistics import bank_statistics, facilities
from flask_app.services.item_statistics_kept import (
    Figures,
    FormFigures,
    as_columns,
    forms_of,
    items_of,
    keep,
    twins_of,
)
from flask_app.services.office import Office
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.store.models.banks import BankFigures, BankQuestion, QuestionBank
from flask_app.store.models.results import Attempt, AttemptResponse
from question_banks.bank import Bank
from question_banks.model import MultichoiceQuestion
from question_banks.statistics import (
    Advice,
    Given,
    Interval,
    Item,
    Option,
    Reliability,
    TwinDifference,
    items,
    reliability,
    twin_differences,
)
from tests.services.desk import NOW, FrozenClock, actor_with, new_body

Sheet = list[Given]

# -- there and back ----------------------------------------------------------------------------------------------------

shares = st.floats(0, 1)
signed = st.floats(-1, 1)
words = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12)
counts = st.integers(0, 10**6)
intervals = st.builds(Interval, signed, signed)
values = counts | words | st.decimals(-1, 1, places=2)
advices = st.lists(st.builds(Advice, words, st.dictionaries(words, values, max_size=3)), max_size=2).map(tuple)
options = st.builds(Option, words, st.booleans(), counts, shares, st.none() | shares)
many_items = st.lists(
    st.builds(
        Item,
        group=words,
        language=words,
        n=counts,
        facility=shares,
        facility_interval=intervals,
        discrimination=st.none() | signed,
        discrimination_interval=st.none() | intervals,
        options=st.lists(options, max_size=3).map(tuple),
        unanswered=counts,
        advice=advices,
    ),
    max_size=3,
).map(tuple)
many_twins = st.lists(
    st.builds(TwinDifference, words, words, words, counts, counts, signed, intervals, signed, advices), max_size=2
).map(tuple)
forms = st.builds(
    Reliability, counts, counts, st.floats(0, 500), st.floats(0, 500), st.none() | signed, st.none() | st.floats(0, 9)
)
many_forms = st.lists(st.builds(FormFigures, words, forms), max_size=2).map(tuple)
figures = st.builds(Figures, counts, counts, counts, many_items, many_twins, many_forms)


@settings(deadline=None)
@given(figures)
def test_figures_come_back_as_they_were_kept(one: Figures) -> None:
    kept = json.loads(json.dumps(as_columns(one)))
    back = Figures(
        kept["held"],
        kept["attempts"],
        kept["older"],
        items_of(kept["items"]),
        twins_of(kept["twins"]),
        forms_of(kept["forms"]),
    )
    assert back == one
    assert repr(back) == repr(one), "a Decimal is not the number or the text that equals it"


def test_postgres_keeps_every_digit(owner_engine: Any) -> None:
    @settings(deadline=None, max_examples=60)
    @given(st.lists(shares | signed | st.floats(0, 500), min_size=1, max_size=20))
    def come_back(numbers: list[float]) -> None:
        with owner_engine.connect() as connection:
            kept = connection.scalar(text("SELECT CAST(:kept AS jsonb)"), {"kept": json.dumps(numbers)})
        assert kept == numbers

    come_back()


def test_advice_is_said_alike_before_and_after() -> None:
    """The two figures behind the decimal point are the reader's language's business, so they stay decimals."""
    rows = [(0, 1, 1, "нет")] * 40 + [(1, 0, 0, "да")] * 20
    sheets = [[Given("a", "ru", x, c), Given("b", "ru", y), Given("c", "ru", z)] for x, y, z, c in rows]
    counted = items(sheets, {("a", "ru"): {"да": True, "нет": False}})
    back = items_of(json.loads(json.dumps(as_columns(Figures(0, 0, 0, counted, (), ()))["items"])))
    said = [one for item in back for one in item.advice]
    assert {type(value) for one in said for value in one.params.values()} == {int, str, Decimal}
    for before, after in zip([one for item in counted for one in item.advice], said, strict=True):
        for language in LANGUAGES:
            assert explain(after.code, language, after.params) == explain(before.code, language, before.params)


# -- counted from the database -----------------------------------------------------------------------------------------


@dataclass
class Desk:
    """A body with two banks of three questions each, in ky and ru, and whoever counts."""

    office: Office
    clock: FrozenClock
    editor: Actor
    banks: tuple[Bank, Bank]
    sat: int = 0

    def bank_id(self, code: str = "general") -> UUID:
        with self.office.work(self.editor) as work:
            return work.session.scalars(select(QuestionBank.id).where(QuestionBank.code == code)).one()

    def groups(self, bank: int = 0) -> list[str]:
        return [group.id for group in self.banks[bank].items]

    def offered(self, group: str, language: str) -> dict[str, bool]:
        """What can be answered, on one line each, and whether it is right."""
        question = next(g for b in self.banks for g in b.items if g.id == group).versions[language]
        assert isinstance(question, MultichoiceQuestion)
        return {" ".join(answer.text.split()): answer.fraction == 1 for answer in question.answers}

    def choices(self, group: str, language: str) -> tuple[str, str]:
        """A right and a wrong answer."""
        by_right = {right: text for text, right in self.offered(group, language).items()}
        return by_right[True], by_right[False]

    def sit(self, sheet: Sheet, *, test: str = "t-1", version: int = 1, **changed: Any) -> UUID:
        """An attempt with these answers, a minute older than the one before."""
        self.sat += 1
        with self.office.work(self.editor) as work:
            attempt = Attempt(
                **{
                    "moodle_attempt": self.sat,
                    "test_idnumber": test,
                    "person_idnumber": f"p-{self.sat}",
                    "number": 1,
                    "revision": 1,
                    "newest": True,
                    "state": "finished",
                    "deleted": False,
                    "started_at": NOW,
                    "finished_at": NOW,
                    "modified_at": NOW - timedelta(minutes=self.sat),
                    "mark": None,
                    "maximum": Decimal(len(sheet)),
                    "pulled_at": work.now,
                    "content_hash": str(self.sat),
                    **changed,
                }
            )
            work.add(attempt)
            work.session.flush()
            for slot, one in enumerate(sheet, start=1):
                work.add(_response(attempt.id, slot, one, version))
            return attempt.id

    def count(self, code: str = "general") -> Figures:
        bank_id = self.bank_id(code)
        with self.office.work(self.editor) as work:
            return count.count_bank(work, bank_id)

    def facilities(self, least: int = 1) -> dict[str, float]:
        with self.office.work(self.editor) as work:
            return facilities(work, least)

    def transfer(self, version: int) -> None:
        """What a synchronisation leaves behind."""
        with self.office.work(self.editor) as work:
            for row in work.session.scalars(select(BankQuestion)):
                row.moodle_version = version


def _response(attempt_id: UUID, slot: int, one: Given, version: int) -> AttemptResponse:
    return AttemptResponse(
        attempt_id=attempt_id,
        slot=slot,
        question_idnumber=f"{one.group}.{one.language}",
        entryid=1,
        questionid=1,
        question_version=version,
        state="graded",
        mark=Decimal(str(one.mark)),
        maximum=Decimal(1),
        response=one.choice.replace(" ", "\n  ", 1),
        right_answer="",
        answered_at=NOW,
    )


@pytest.fixture(scope="module")
def shipped() -> tuple[Bank, Bank]:
    first, second = (replace(bank, items=bank.items[:3]) for bank in read_shipped_banks())
    return first, second


@pytest.fixture
def d(office: Office, clock: FrozenClock, body: UUID, shipped: tuple[Bank, Bank]) -> Desk:
    editor = actor_with(office, body, BANK_EDITOR)
    with office.work(editor) as work:
        for bank in shipped:
            load_bank(work, bank)
    return Desk(office, clock, editor, shipped)


def sat_by_forty(d: Desk) -> list[Sheet]:
    """Both banks in one form, in two languages; every third person chooses wrongly, and some do not answer."""
    sheets = []
    for n in range(40):
        language = "ru" if n % 2 else "ky"
        sheet = []
        for place, group in enumerate([*d.groups(0), *d.groups(1)]):
            right, wrong = d.choices(group, language)
            mark = 0.0 if (n + place) % 3 == 0 else 1.0
            sheet.append(Given(group, language, mark, "" if n == 7 else right if mark else wrong))
        sheets.append(sheet)
        d.sit(sheet, test=f"t-{language}")
    return sheets


def test_what_is_counted_is_what_is_shown(d: Desk) -> None:
    """The same figures as the arithmetic gives for the same answers, to the last digit."""
    sheets = sat_by_forty(d)
    own = d.groups(0)
    offered = {(group, language): d.offered(group, language) for group in own for language in ("ky", "ru")}
    d.count()
    with d.office.work(d.editor) as work:
        found = bank_statistics(work, d.bank_id())
    assert found.counted is not None
    assert (found.counted.held, found.counted.attempts, found.counted.older) == (40, 40, 0)
    assert found.counted.at == NOW
    assert found.items == tuple(item for item in items(sheets, offered) if item.group in own)
    assert found.twins == tuple(one for one in twin_differences(sheets) if one.group in own)
    assert {form.test: form.figures for form in found.forms} == {
        "t-ky": reliability(sheets[::2]),
        "t-ru": reliability(sheets[1::2]),
    }
    assert set(found.topics) == set(own)
    assert {item.unanswered for item in found.items} == {0, 1}


def test_before_the_first_count_there_is_nothing(d: Desk) -> None:
    sat_by_forty(d)
    with d.office.work(d.editor) as work:
        found = bank_statistics(work, d.bank_id())
        assert facilities(work, 1) == {}
    assert (found.counted, found.items, found.twins, found.forms, found.job) == (None, (), (), (), None)


def test_a_count_of_no_answers_says_so(d: Desk) -> None:
    d.count()
    with d.office.work(d.editor) as work:
        found = bank_statistics(work, d.bank_id())
    assert found.counted is not None
    assert (found.counted.held, found.counted.attempts, found.items) == (0, 0, ())


def test_a_new_count_takes_the_place_of_the_old_one(d: Desk) -> None:
    group = d.groups()[0]
    d.sit([Given(group, "ru", 1.0)])
    first = d.count()
    d.sit([Given(group, "ru", 0.0)])
    d.clock.forward(timedelta(hours=1))
    d.count()
    assert d.facilities() == {group: 0.5}
    d.clock.forward(timedelta(minutes=-30))
    with d.office.work(d.editor) as work:
        keep(work, d.bank_id(), first)
    assert d.facilities() == {group: 0.5}, "a count that began earlier came later"
    with d.office.work(d.editor) as work:
        (row,) = work.session.scalars(select(BankFigures)).all()
        assert row.counted_at == NOW + timedelta(hours=1)


def test_figures_of_another_body_are_not_seen(d: Desk) -> None:
    sat_by_forty(d)
    d.count()
    stranger = actor_with(d.office, new_body(d.office), BANK_EDITOR)
    with d.office.work(stranger) as work:
        assert facilities(work, 1) == {}
        with pytest.raises(NotFound):
            bank_statistics(work, d.bank_id())
        with pytest.raises(NotFound):
            count.count_bank(work, d.bank_id())
        load_bank(work, d.banks[0])
    with d.office.work(stranger) as work:
        own = work.session.scalars(select(QuestionBank.id)).one()
        assert count.count_bank(work, own).held == 0
    assert len(d.facilities()) == 3


@pytest.mark.parametrize(("role", "refused"), [(HR_OFFICER, NotPermitted), (AUDITOR, NotPermitted)])
def test_figures_show_right_answers(d: Desk, role: str, refused: type[Exception]) -> None:
    other = actor_with(d.office, d.editor.body_id, role)
    with d.office.work(other) as work, pytest.raises(refused):
        bank_statistics(work, d.bank_id())


def test_only_the_newest_revision_of_finished_attempts_counts(d: Desk) -> None:
    group = d.groups()[0]
    d.sit([Given(group, "ru", 1.0)])
    for changed in ({"newest": False}, {"deleted": True}, {"state": "inprogress"}):
        d.sit([Given(group, "ru", 0.0)], **changed)
    found = d.count()
    assert (found.held, found.attempts) == (1, 1)
    assert d.facilities() == {group: 1.0}


def test_answers_to_an_earlier_version_are_left_out_and_numbered(d: Desk) -> None:
    group, other = d.groups()[:2]
    d.sit([Given(group, "ru", 0.0), Given(other, "ru", 0.0)], version=1)
    d.sit([Given(group, "ru", 1.0)], version=2)
    assert d.count().older == 0, "never transferred: there is no version to compare with"
    d.transfer(2)
    found = d.count()
    assert (found.held, found.attempts, found.older) == (2, 1, 2)
    assert d.facilities() == {group: 1.0}


def test_the_newest_attempts_with_an_answer_to_the_bank_are_taken(d: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count, "MOST", 2)
    own, other = d.groups(0)[0], d.groups(1)[0]
    for mark in (1.0, 1.0):
        d.sit([Given(other, "ru", mark)])
    for mark in (1.0, 0.0, 0.0):
        d.sit([Given(own, "ru", mark)])
    found = d.count()
    assert (found.held, found.attempts) == (3, 2)
    assert d.facilities() == {own: 0.5}


def test_an_answer_that_is_no_option_is_an_answer(d: Desk) -> None:
    group = d.groups()[0]
    for choice in ("ответ прежней редакции", "", d.choices(group, "ru")[1]):
        d.sit([Given(group, "ru", 0.0, choice)])
    (item,) = d.count().items
    assert (item.n, item.unanswered, sum(option.n for option in item.options)) == (3, 1, 0)


def test_a_facility_is_of_all_languages_by_their_answers(d: Desk) -> None:
    group, rare = d.groups()[:2]
    for language, mark in (("ky", 1.0), ("ky", 1.0), ("ky", 0.0), ("ru", 0.0)):
        d.sit([Given(group, language, mark)])
    d.sit([Given(rare, "ru", 1.0)])
    d.count()
    assert d.facilities(least=1) == {group: pytest.approx(0.5), rare: 1.0}
    assert d.facilities(least=4) == {group: pytest.approx(0.5)}
    assert d.facilities(least=5) == {}


def test_a_question_that_left_its_bank_is_not_shown_any_more(d: Desk) -> None:
    sat_by_forty(d)
    d.count()
    with d.office.work(d.editor) as work:
        load_bank(work, replace(d.banks[0], items=d.banks[0].items[1:]))
    with d.office.work(d.editor) as work:
        found = bank_statistics(work, d.bank_id())
    gone = d.groups()[0]
    assert gone not in {item.group for item in found.items} | {one.group for one in found.twins} | set(found.topics)
    assert len(found.items) == 4


def test_every_bank_is_counted(d: Desk) -> None:
    sat_by_forty(d)
    told: list[tuple[int, int]] = []
    count.count_all(d.office, d.editor, lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    with d.office.work(d.editor) as work:
        assert work.session.scalar(select(func.count()).select_from(BankFigures)) == 2
    assert set(d.facilities()) == {*d.groups(0), *d.groups(1)}
