"""Every code has its sentence, every state and step its words, in every language of the panel."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import pytest

import flask_app
from flask_app.domain.identity import ROLES
from flask_app.domain.workflow import Refusal
from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.competition import CompetitionKind
from flask_app.messages import Language, explain, label
from flask_app.messages.catalogue import catalogue
from flask_app.ports.institutions import GradeAction
from flask_app.services.commissions import ROLE_ORDER
from flask_app.services.journal import Entry
from flask_app.services.overview import COMPETITION, ORDER
from flask_app.services.papers import PAPERS
from flask_app.store.rule_packs import shipped_packs
from flask_app.web.states import LOOKS
from flask_app.web.wording import Wording

ROOT = Path(flask_app.__file__).parent
PANEL_LANGUAGES: tuple[Language, ...] = ("ky", "ru", "en")
RAISED = {"Refusal", "Refused", "InvalidInput", "NotPermitted", "NotFound", "VersionConflict", "AlreadyThere"}
# Codes put together at run time; the tests below name what they can become.
MADE_UP = {"workflow.needs_evidence", "workflow.needs_reason", "workflow.wrong_state"}
SAMPLE: dict[str, object] = {"n": 2}


def _trees(*packages: str) -> Iterator[ast.AST]:
    for package in packages:
        for file in sorted((ROOT / package).rglob("*.py")):
            yield ast.parse(file.read_text(encoding="utf-8"))


def _parameters(call: ast.Call) -> set[str]:
    """Names of the parameters a code is raised with, as far as they stand there."""
    dicts = [
        a for a in [*call.args[1:], *(k.value for k in call.keywords if k.arg == "params")] if isinstance(a, ast.Dict)
    ]
    named = {k.arg for k in call.keywords if k.arg and k.arg not in ("params", "rule")}
    return named | {str(key.value) for d in dicts for key in d.keys if isinstance(key, ast.Constant)}


def _raised() -> dict[str, list[set[str]]]:
    """Code → the parameters of each place that raises it."""
    found: dict[str, list[set[str]]] = defaultdict(list)
    for tree in _trees("domain", "services"):
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            code = call.args[0]
            if name in RAISED and isinstance(code, ast.Constant):
                found[str(code.value)].append(_parameters(call))
    return found


CODES = {**{code: [{"workflow", "transition", "state"}] for code in MADE_UP}, **_raised()}


def test_the_codes_were_found() -> None:
    assert len(CODES) > 90
    assert {"competition.notice_too_late", "account.wrong", "vote.no_quorum", "object.unknown"} <= set(CODES)


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_code_has_its_sentence_in_every_language(code: str) -> None:
    table = catalogue()[code]
    for language in PANEL_LANGUAGES:
        assert language in table, f"{code}: nothing in {language}"
        for parameters in CODES[code]:
            given = {name: SAMPLE.get(name, f"<{name}>") for name in parameters}
            said = explain(code, language, given)
            assert said.text.endswith("."), said.text
            assert said.why or said.cure, f"{code} in {language}: neither why nor what to do"
            assert "{" not in str(said)


@pytest.mark.parametrize("code", sorted(CODES))
def test_plural_forms_are_whole(code: str) -> None:
    for language, wanted in (("ru", {"one", "few", "many"}), ("en", {"one", "other"})):
        for part in catalogue()[code][language].values():
            assert isinstance(part, str) or wanted <= set(part), f"{code} in {language}"


def test_no_sentence_speaks_in_forbidden_words() -> None:
    """UI.md: never «ошибка», «успешно», «пожалуйста», «к сожалению»."""
    forbidden = ("ошибка", "успешно", "пожалуйста", "к сожалению")
    for code in CODES:
        said = str(catalogue()[code]["ru"]).lower()
        assert not [word for word in forbidden if word in said], code


def _names() -> Iterator[str]:
    """Labels whose names are put together from data."""
    for workflow in WORKFLOWS.values():
        yield from (f"state_{workflow.id}_{state}" for state in workflow.states)
        for step in workflow.transitions:
            yield from (f"step_{workflow.id}_{step}", f"done_{workflow.id}_{step}")
        yield f"workflow_{workflow.id}"
        yield f"object_{workflow.id}"
        yield from (f"action_{action}" for state in workflow.states.values() for action in state.permissions)
    for type_ in (COMPETITION, ORDER):
        yield from (f"stage_{type_}_{state}" for state in WORKFLOWS[type_].states)
        yield from (f"type_{type_}", f"procedures_group_{type_}", f"stages_{type_}")
    yield from (f"role_{role}" for role in ROLES)
    yield from (f"seat_{seat}" for seat in ROLE_ORDER)
    yield from (f"kind_{kind}" for kind in get_args(CompetitionKind))
    yield from (f"paper_{kind}" for kind in PAPERS)
    for pack in shipped_packs().values():
        yield from (f"item_{item}" for item in pack.announcement.items)
        for unit in (pack.test.notice.unit, pack.appointment.unit):
            yield from (f"left_{unit}", f"late_{unit}")
        yield from (
            f"deadline_rule_notice_{pack.test.notice.unit}",
            f"deadline_rule_appointment_{pack.appointment.unit}",
        )


@pytest.mark.parametrize("name", sorted(set(_names())))
def test_data_have_words(name: str) -> None:
    for language in PANEL_LANGUAGES:
        assert language in catalogue()[f"label.{name}"], f"{name}: nothing in {language}"
        assert label(name, language, n=2)


def test_every_state_has_a_look() -> None:
    assert {w.id: set(w.states) for w in WORKFLOWS.values()} == {id_: set(looks) for id_, looks in LOOKS.items()}


def test_icons_are_in_the_sprite() -> None:
    sprite = (ROOT / "web/templates/parts/icons.svg").read_text(encoding="utf-8")
    assert [look for looks in LOOKS.values() for look in looks.values() if f'id="i-{look.icon}"' not in sprite] == []


def _audited() -> set[str]:
    """Actions the services record, where they stand as a literal."""
    return {
        call.args[1].value
        for tree in _trees("services")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "record"
        and len(call.args) > 1
        and isinstance(call.args[1], ast.Constant)
        and isinstance(call.args[1].value, str)
    }


def test_every_audited_action_can_be_read() -> None:
    word = Wording("ky", date(2026, 4, 16))
    actions = _audited() | {f"grade.{action}" for action in get_args(GradeAction)} | {"sync.applied", "sync.failed"}
    assert len(actions) > 25
    assert [action for action in sorted(actions) if word.event(action) == action] == []


def test_a_code_nobody_has_worded_still_makes_a_sentence() -> None:
    why = Wording("ru", date(2026, 4, 16)).why(Refusal("nowhere.worded"))
    assert "nowhere.worded" in why.said.text


def test_parameters_are_put_into_words() -> None:
    word = Wording("ru", date(2026, 4, 16))
    said = word.why(
        Refusal("competition.announcement_incomplete", None, {"missing": "position, functional_duties", "n": 2})
    ).said
    assert said.text.startswith("В объявлении не хватает 2 пунктов, ни по-кыргызски, ни по-русски: ")
    assert said.text.endswith(": должность, функциональные обязанности.")
    late = word.spoken({"last": date(2026, 4, 18), "until": datetime(2026, 4, 16, 9, 5), "step": "x"})  # noqa: DTZ001  # as the body's clock shows it
    assert [str(v).replace("\u00a0", " ") for v in late.values()] == ["18 апреля 2026 г.", "16 апреля, 09:05", "x"]
    refused = word.spoken({"transition": "sign", "workflow": "document", "state": "draft", "role": "chair"})
    assert list(refused.values()) == ["Подписать", "документ", "Черновик", "председатель"]
    assert word.spoken({"transition": "miss"}) == {"transition": "Отметить неявку"}


def test_the_glossarys_grounds_come_from_the_pack() -> None:
    pack = shipped_packs()["kg-mun-2006"]
    word = Wording("ky", date(2026, 4, 16))
    assert word.spoken({"ground": "unexpunged_conviction"}, pack)["ground"].startswith("Алынып")  # type: ignore[attr-defined]


SHARED_TERMS = ("state_", "stage_", "step_", "role_", "seat_", "nav_", "object_", "type_", "group_")
"""Labels that are terms of the field: they have Kazakh too, ahead of the pages (a page is shown when it is whole)."""


def test_the_field_s_terms_have_kazakh() -> None:
    workflows = {f"{workflow}_" for workflow in ("application", "competition", "document", "training_order")}
    terms = [
        code
        for code in catalogue()
        if code.startswith(tuple(f"label.{term}" for term in SHARED_TERMS))
        and (
            code.split("_")[0] not in ("label.state", "label.stage", "label.step") or any(w in code for w in workflows)
        )
    ]
    assert len(terms) > 150
    assert [code for code in terms if "kk" not in catalogue()[code]] == []


@pytest.mark.parametrize("language", PANEL_LANGUAGES)
def test_a_date_with_its_own_stop_brings_no_second_one(language: Language) -> None:
    word = Wording(language, date(2026, 4, 16))
    days = word.spoken({"happened_on": date(2026, 4, 17), "today": date(2026, 4, 16), "last": date(2026, 4, 16)})
    for code in ("act.in_the_future", "act.out_of_order"):
        said = explain(code, language, days).text
        assert said.endswith(".")
        assert ".." not in said
    assert label("preview_received", "ru", day="3 мая 2026 г.") == "Заявления приняты: 3 мая 2026 г."
    assert label("preview_received", "ru", day="3 мая") == "Заявления приняты: 3 мая."


def test_an_event_is_told_in_words_not_in_codes() -> None:
    after = {
        "commission": {"ky": "Конкурстук комиссия", "ru": "Конкурсная комиссия"},
        "filter": "below_threshold",
        "roles": ["auditor"],
        "shown_as": "page",
        "revision": 1,
    }
    event = Entry(
        1, datetime(2026, 4, 16, tzinfo=UTC), "hr", "", "applications.exported", "competition", "x", {}, after, "", None
    )
    told = [f"{one.name}: {one.after}" for one in Wording("ru", date(2026, 4, 16)).changes(event)]
    assert told == [
        "комиссия: Конкурсная комиссия",
        "отбор: Ниже порога",
        "роли: аудитор",
        "вид: страница",
        "редакция: 1",
    ]
