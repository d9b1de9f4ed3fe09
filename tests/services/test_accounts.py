"""People kept from the command line, on a real database: who comes in, as what, and who no longer does."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from flask_app.cli import installing, kyzmat
from flask_app.domain.errors import InvalidInput, KyzmatError, NotFound
from flask_app.domain.identity import ROLES
from flask_app.services.accounts import account
from flask_app.services.authentication import Authentication, SessionLimits
from flask_app.services.bodies import actor_of, add_user, system_actor
from flask_app.services.office import Office
from flask_app.store.models.audit import AuditEvent
from flask_app.store.models.organisation import User
from tests.conftest import Database
from tests.services.desk import new_body

PASSWORD = "тоо булагынын суусу"
OTHER = "другая длинная фраза"
NAME = "Асанова Гүлмира Токтобековна"
Command = Callable[..., Result]


@pytest.fixture
def door(office: Office) -> Authentication:
    return Authentication(office, SessionLimits(timedelta(hours=1), timedelta(hours=9)))


@pytest.fixture
def kyzmat_user(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`kyzmat user …` on the test's database; what is typed at the prompt comes as `typed`."""
    monkeypatch.setattr(installing, "log_to_standard_error", lambda: None)  # the runner's stream is closed afterwards
    environment = {
        "KYZMAT_HOME": str(tmp_path / "home"),
        "KYZMAT_DATABASE_URL": database.url("app"),
        "KYZMAT_DATABASE_OWNER_URL": database.url("owner"),
        "KYZMAT_LANG": "en",
        "MOODLE_URL": "",
        "MOODLE_TOKEN": "",
    }

    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(kyzmat, ["user", *words], input=typed, env=environment)

    return run


def told(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def refusal(result: Result) -> KyzmatError:
    assert isinstance(result.exception, KyzmatError), (result.output, result.exception)
    return result.exception


def added(run: Command, *more: str, login: str = "gulmira", password: str = PASSWORD) -> str:
    return told(run("add", login, "--name", NAME, *more, typed=f"{password}\n{password}\n"))


def events(office: Office, login: str) -> list[tuple[str, str]]:
    """What the log holds about the user: who, and what was done."""
    with office.work(actor_of(office, login)) as work:
        rows = work.session.execute(
            select(AuditEvent.actor_login, AuditEvent.action)
            .where(AuditEvent.object_id == str(work.actor.user_id), AuditEvent.action.startswith("user."))
            .order_by(AuditEvent.recorded_at, AuditEvent.id)
        )
        return [(row.actor_login, row.action) for row in rows]


def test_somebody_is_added_and_comes_in(kyzmat_user: Command, office: Office, door: Authentication) -> None:
    body = new_body(office, "town")
    said = added(kyzmat_user, "--role", "bank_editor", "--role", "auditor", "--language", "ky")
    assert "gulmira was added" in said
    assert PASSWORD not in said
    signed_in = door.recognise(door.log_in("gulmira", PASSWORD, "r"))
    assert signed_in is not None
    assert (signed_in.name, signed_in.language) == (NAME, "ky")
    assert signed_in.actor.body_id == body
    assert signed_in.actor.roles == {"bank_editor", "auditor"}
    assert signed_in.actor.person_id is not None, "a seat on a commission is a person's"
    with office.sessions() as session:
        assert (session.scalar(select(User.password_hash)) or "").startswith("$argon2id$")
    assert events(office, "gulmira") == [("system", "user.created")]


def test_a_password_made_up_is_shown_once_and_opens(kyzmat_user: Command, office: Office, door: Authentication) -> None:
    new_body(office)
    said = told(kyzmat_user("add", "gulmira", "--name", NAME, "--generate"))
    shown = re.search(r"shown this once: (\S+)", said)
    assert shown
    assert len(shown[1]) >= 12
    assert door.log_in("gulmira", shown[1], "r")


REFUSED = (
    (("new", "--name", NAME, "--role", "editor"), "", "user.role_unknown"),
    (("taken", "--name", NAME), "", "user.exists"),
    (("new", "--name", NAME, "--body", "nowhere"), "", "body.unknown"),
    (("new", "--name", NAME), "elevensigns\n", "user.password_short"),
    (("new", "--name", NAME), f"{PASSWORD}\n{OTHER}\n", "user.passwords_differ"),
    (("new", "--name", NAME), "x" * 1001 + "\n", "user.password_long"),
    (("two words", "--name", NAME), "", "user.login_shape"),
    (("new", "--name", "  "), "", "user.name_shape"),
)


def test_what_cannot_be_added_is_told_and_nobody_is_there(kyzmat_user: Command, office: Office) -> None:
    new_body(office)
    added(kyzmat_user, login="taken")
    for words, typed, code in REFUSED:
        assert refusal(kyzmat_user("add", *words, typed=typed)).code == code
    with office.sessions() as session:
        assert session.scalars(select(User.login)).all() == ["taken"]


def test_an_unknown_role_is_answered_with_those_there_are(kyzmat_user: Command, office: Office) -> None:
    new_body(office)
    assert refusal(kyzmat_user("add", "n", "--name", NAME, "--role", "x")).params["roles"] == ", ".join(ROLES)


def test_of_two_who_add_one_login_at_once_one_is_told(office: Office) -> None:
    """In a sentence, by the command and on the page alike; of bodies that know nothing of each other too."""
    bodies = [new_body(office, "a"), new_body(office, "b")]

    def add(body: UUID) -> str:
        try:
            with office.work(system_actor(body)) as work:
                add_user(work, "gulmira", NAME, PASSWORD, ())
                time.sleep(0.3)  # the other one has asked whether the login is taken long before this one is kept
        except InvalidInput as problem:
            return problem.code
        return "added"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add, bodies)) == ["added", "user.exists"]


def test_of_several_bodies_one_must_be_named(kyzmat_user: Command, office: Office) -> None:
    assert refusal(kyzmat_user("add", "n", "--name", NAME)).code == "body.none"
    new_body(office, "a")
    second = new_body(office, "b")
    assert refusal(kyzmat_user("add", "n", "--name", NAME)).params["known"] == "a, b"
    added(kyzmat_user, "--body", "b", login="n")
    assert actor_of(office, "n").body_id == second


def test_a_new_password_ends_sessions_and_lifts_a_lock(
    kyzmat_user: Command, office: Office, door: Authentication
) -> None:
    new_body(office)
    added(kyzmat_user)
    secret = door.log_in("gulmira", PASSWORD, "r")
    for _ in range(5):
        with pytest.raises(InvalidInput):
            door.log_in("gulmira", "wrong", "r")
    told(kyzmat_user("password", "gulmira", typed=f"{OTHER}\n{OTHER}\n"))
    assert door.recognise(secret) is None
    assert door.log_in("gulmira", OTHER, "r")
    with pytest.raises(InvalidInput):
        door.log_in("gulmira", PASSWORD, "r")
    assert events(office, "gulmira")[-1] == ("system", "user.password_set")


def test_who_is_disabled_is_out_until_enabled(kyzmat_user: Command, office: Office, door: Authentication) -> None:
    new_body(office)
    added(kyzmat_user)
    added(kyzmat_user, login="other")
    secret, others = door.log_in("gulmira", PASSWORD, "r"), door.log_in("other", PASSWORD, "r")
    told(kyzmat_user("disable", "gulmira"))
    assert door.recognise(others) is not None
    with pytest.raises(InvalidInput):
        door.log_in("gulmira", PASSWORD, "r")
    assert "[disabled]" in next(line for line in told(kyzmat_user("list")).splitlines() if " gulmira " in line)
    assert refusal(kyzmat_user("disable", "gulmira")).code == "account.disabled"
    told(kyzmat_user("enable", "gulmira"))
    assert door.recognise(secret) is None, "the old session does not come back"
    assert door.log_in("gulmira", PASSWORD, "r")
    assert refusal(kyzmat_user("enable", "gulmira")).code == "account.enabled"
    assert [action for _, action in events(office, "gulmira")] == ["user.created", "user.disabled", "user.enabled"]


def test_roles_are_given_and_taken(kyzmat_user: Command, office: Office, door: Authentication) -> None:
    new_body(office)
    added(kyzmat_user, "--role", "auditor")
    secret = door.log_in("gulmira", PASSWORD, "r")
    assert "bank_editor" in told(kyzmat_user("grant", "gulmira", "bank_editor"))
    told(kyzmat_user("revoke", "gulmira", "auditor"))
    signed_in = door.recognise(secret)
    assert signed_in is not None
    assert signed_in.actor.roles == {"bank_editor"}
    assert account(office, "gulmira").roles == ("bank_editor",)
    for words, code in (
        (("grant", "gulmira", "bank_editor"), "account.role_held"),
        (("revoke", "gulmira", "auditor"), "account.role_missing"),
        (("grant", "gulmira", "editor"), "user.role_unknown"),
        (("grant", "nobody", "auditor"), "account.nobody"),
    ):
        assert refusal(kyzmat_user(*words)).code == code
    assert [action for _, action in events(office, "gulmira")][1:] == ["user.role_granted", "user.role_revoked"]


def test_an_unknown_login_is_told(kyzmat_user: Command, office: Office) -> None:
    new_body(office)
    for words in (("password", "nobody"), ("disable", "nobody"), ("enable", "nobody"), ("revoke", "nobody", "auditor")):
        found = refusal(kyzmat_user(*words))
        assert isinstance(found, NotFound)
        assert found.code == "account.nobody"
