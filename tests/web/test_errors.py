"""Whatever goes wrong, a person sees a page that says what, why and what to do; and it is told once in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from structlog.testing import capture_logs

from flask_app.domain.errors import (
    AlreadyThere,
    InvalidInput,
    NotFound,
    NotPermitted,
    Refused,
    Rule,
    Unreachable,
    VersionConflict,
)
from flask_app.domain.workflow import Refusal
from tests.web.client import PageClient

RULE = Rule("Положение № 1", "unverified", "S003 L1", "kg-mun-2006 v1")
KNOWN = Rule("Закон № 2", "ст. 7", "", "x v3")


def refused_twice() -> Refused:
    error = Refused("competition.not_published", RULE)
    error.others = (Refusal("competition.text_not_agreed", KNOWN),)
    return error


ERRORS: list[tuple[Callable[[], Exception], int, str, tuple[str, ...]]] = [
    (
        refused_twice,
        409,
        "Правило не разрешает",
        (
            "Публикация объявления не внесена.",
            "Основание: Положение № 1. Пункт акта по его тексту не проверен.",
            "Также",
            "Нет письма о согласовании",
            "Закон № 2, ст. 7. Набор правил x, версия 3.",
        ),
    ),
    (
        lambda: VersionConflict("object.changed_meanwhile", expected=3, present=4),
        409,
        "Объект уже изменён",
        ("у вас версия 3, теперь 4",),
    ),
    (
        lambda: AlreadyThere("workflow.wrong_state", workflow="document", transition="sign", state="in_force"),
        409,
        "Объект уже изменён",
        ("Шаг «Подписать» невозможен: состояние уже «В силе».",),
    ),
    (
        lambda: NotPermitted("workflow.not_permitted", transition="sign", workflow="document"),
        403,
        "На это у вас нет права",
        ("Ваша роль не делает шаг «Подписать».",),
    ),
    (
        lambda: NotFound("object.unknown", type="Competition"),
        404,
        "Такой страницы нет",
        ("не относится к вашему органу",),
    ),
    (lambda: InvalidInput("user.password_short", least=12), 422, "Введённое не принято", ("короче 12 знаков",)),
    (
        lambda: Unreachable("moodle.timeout", url="https://m.example", function="f", seconds=30),
        503,
        "Другая система не ответила",
        ("Запрос ",),
    ),
    (lambda: Refused("nobody.has_worded_this"), 409, "Правило не разрешает", ("nobody.has_worded_this",)),
    (
        lambda: ZeroDivisionError("secret 42"),
        500,
        "Страница не открылась",
        ("Ничего не сохранено наполовину.", "Запрос "),
    ),
]


def raising(app: Flask, make: Callable[[], Exception]) -> None:
    def view() -> str:
        raise make()

    app.add_url_rule("/broken", "home.broken", view)


@pytest.mark.parametrize(("make", "status", "heading", "sentences"), ERRORS, ids=lambda value: str(value)[:20])
def test_an_error_is_a_page(
    app: Flask, make: Callable[[], Exception], status: int, heading: str, sentences: tuple[str, ...]
) -> None:
    raising(app, make)
    page = PageClient(app).at_work("hr").get("/broken", status)
    assert page.heading == heading
    for sentence in sentences:
        assert sentence in page.text, page.text
    assert page.response.headers["X-Request-Id"] in page.text
    assert "secret 42" not in page.text


def test_the_unforeseen_is_logged_once_without_values(app: Flask) -> None:
    def make() -> Exception:
        return RuntimeError("boom")

    raising(app, make)
    client = PageClient(app).at_work("hr")
    with capture_logs() as logged:
        page = client.get("/broken", 500)
    found: list[Any] = [entry for entry in logged if entry["event"] == "unforeseen"]
    assert len(found) == 1
    assert found[0]["request_id"] == page.response.headers["X-Request-Id"]
    assert "RuntimeError: boom" in found[0]["trace"]
    assert "exc_info" not in found[0], "a renderer of exceptions may print the values of variables"


def test_what_is_foreseen_is_not_logged_as_a_fault(app: Flask) -> None:
    raising(app, lambda: Refused("competition.not_published"))
    client = PageClient(app).at_work("hr")
    with capture_logs() as logged:
        client.get("/broken", 409)
    assert logged == []


def test_without_a_database_there_is_still_a_page(app: Flask, engine: Engine, client: PageClient) -> None:
    client.at_work("hr")
    engine.dispose()
    app.extensions["kyzmat"].authentication._office = None
    page = client.get("/", 500)
    assert page.language in ("ky", "ru")
    assert page.response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/nowhere", "/procedures/competition/not-a-uuid", "/papers/1", "/journal/x/y", "/%00"]
)
def test_an_unknown_address(client: PageClient, path: str) -> None:
    assert client.at_work("hr").get(path, 404).heading == "Такой страницы нет"


def test_an_unknown_address_for_a_guest(client: PageClient) -> None:
    page = client.get("/nowhere", 404)
    assert page.all("nav", class_="kz-nav") == []


def test_a_wrong_method(client: PageClient) -> None:
    client.at_work("hr")
    answer = client.browser.post("/papers", data={"form_token": client.token("/")})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert client.raw_get("/logout").status_code == 405


def test_too_large_a_body(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    client = PageClient(app)
    answer = client.browser.post("/login", data={"login": "x" * 5000, "form_token": "x"})
    assert answer.status_code == 413
