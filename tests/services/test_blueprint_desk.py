"""What a blueprint asks of sittings that were: how often a question was shown, once for all variants and languages."""

from __future__ import annotations

from sqlalchemy import select

from flask_app.domain.identity import BANK_EDITOR
from flask_app.services.blueprint_desk import Wanted, judge, shown_so_often
from flask_app.store.models.testing import FormItem
from question_banks.blueprints import Cell
from tests.services.desk import actor_with, new_body
from tests.services.stages import Scene


def wanted(limit: int | None) -> Wanted:
    return Wanted("Тест на резерв", (Cell("general", 5), Cell("subject", 5)), ("ky", "ru"), limit, "7f3a")


def test_a_sitting_shows_a_question_once_however_many_forms_have_it(entered: Scene) -> None:
    with entered.work() as work:
        drawn = work.session.scalars(select(FormItem.twin_group)).all()
        shown = shown_so_often(work)
        assert len(drawn) > len(shown)
        assert shown == dict.fromkeys(drawn, 1)
    with entered.office.work(actor_with(entered.office, new_body(entered.office), BANK_EDITOR)) as work:
        assert shown_so_often(work) == {}


def test_what_was_shown_too_often_is_left_out_where_there_is_a_limit(entered: Scene) -> None:
    with entered.work() as work:
        shown = set(shown_so_often(work))
        free, once, twice = (judge(work, wanted(limit)) for limit in (None, 1, 2))
    assert (free.worn, once.worn, twice.worn) == (0, len(shown), 0)
    assert once.trial is not None
    assert not shown & {item.group for paper in once.trial.papers for item in paper.items}
