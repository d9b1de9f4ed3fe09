"""A body and a commission from files, on a real database: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from flask_app.cli import installing, kyzmat
from flask_app.domain.errors import KyzmatError
from flask_app.services.bodies import actor_of
from flask_app.services.commissions import members_of, substitutes_of
from flask_app.services.office import Office
from flask_app.store.models.commissions import Commission
from flask_app.store.models.organisation import Body
from flask_app.store.models.people import Person
from tests.conftest import Database

BODY = """
code = "town"
jurisdiction = "KG"
time_zone = "Asia/Bishkek"
name = { ky = "Шаар мэриясы", ru = "Мэрия города" }
address = { ru = "ул. Ленина, 1" }
place = { ru = "г. Талас" }
"""
COMMISSION = """
formed_on = 2026-03-01
basis = "приказ № 12-О"
kinds = ["competition"]
name = { ky = "Конкурстук комиссия", ru = "Конкурсная комиссия" }
[[member]]
role = "chair"
login = "bekova"
post = { ru = "заместитель мэра" }
[[member]]
role = "member"
name = "Асанов Үсөн Токтогулович"
post = { ru = "юрист" }
[[member]]
role = "secretary"
login = "hr"
post = { ru = "главный специалист" }
"""


class Desk:
    """The commands on the test's database, with files in a folder of their own."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._folder = folder
        self._environment = {
            "KYZMAT_HOME": str(folder / "home"),
            "KYZMAT_DATABASE_URL": database.url("app"),
            "KYZMAT_DATABASE_OWNER_URL": database.url("owner"),
            "KYZMAT_LANG": "en",
            "MOODLE_URL": "",
            "MOODLE_TOKEN": "",
        }

    def run(self, *words: str, typed: str = "") -> Result:
        return CliRunner().invoke(kyzmat, words, input=typed, env=self._environment)

    def body(self, text: str = BODY) -> Result:
        return self.run("office", "body", self._file("town.toml", text))

    def commission(self, text: str = COMMISSION, login: str = "hr") -> Result:
        return self.run("office", "commission", self._file("commission.toml", text), "--login", login)

    def people(self) -> None:
        for login, role in (("hr", "hr_officer"), ("bekova", "commission_chair")):
            added = self.run("user", "add", login, "--name", f"{login} Айжан", "--role", role, "--generate")
            assert added.exit_code == 0, added.output

    def _file(self, name: str, text: str) -> str:
        file = self._folder / name
        file.write_text(text, encoding="utf-8")
        return str(file)


@pytest.fixture
def desk(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(installing, "log_to_standard_error", lambda: None)  # the runner's stream is closed afterwards
    return Desk(database, tmp_path)


def refusal(result: Result) -> KyzmatError:
    assert isinstance(result.exception, KyzmatError), (result.output, result.exception)
    return result.exception


def test_a_body_its_people_and_its_commission(desk: Desk, office: Office) -> None:
    assert "town was set up" in desk.body().output
    desk.people()
    assert "seats: 3" in desk.commission(COMMISSION.replace("bekova", "BEKOVA"), "HR").output
    with office.work(actor_of(office, "hr")) as work:
        assert (work.body.code, work.body.jurisdiction, work.body.time_zone) == ("town", "KG", "Asia/Bishkek")
        commission = work.session.scalars(select(Commission).where(Commission.body_id == work.actor.body_id)).one()
        seats = members_of(work, commission.id)
        assert [(seat.role, seat.votes) for seat in seats] == [("chair", True), ("member", True), ("secretary", False)]
        assert work.get(Person, seats[1].person_id).name == "Асанов Үсөн Токтогулович"
        assert seats[2].person_id == work.actor.person_id
        assert commission.name == {"ky": "Конкурстук комиссия", "ru": "Конкурсная комиссия"}


SUBSTITUTE = """[[member]]
role = "substitute"
in_place_of = "Асанов Үсөн Токтогулович"
name = "Кадырова Мээрим"
post = { ru = "специалист" }
"""


def test_a_file_names_substitutes_by_the_member_they_sit_for(desk: Desk, office: Office) -> None:
    desk.body()
    desk.people()
    for wrong, place in (
        (SUBSTITUTE.replace("Асанов Үсөн", "Асанов Усен"), "–"),
        (SUBSTITUTE.replace("in_place_of", "# in_place_of"), "member.3"),
        (SUBSTITUTE.replace('"substitute"', '"member"'), "member.3"),
    ):
        refused = refusal(desk.commission(COMMISSION + wrong))
        assert (refused.code, refused.params["place"]) == ("office.file_invalid", place)
    assert refusal(desk.commission(COMMISSION + SUBSTITUTE.replace("Асанов Үсөн Токтогулович", "bekova"))).code == (
        "commission.substitute_of_place"
    )
    assert "seats: 4" in desk.commission(COMMISSION + SUBSTITUTE).output
    with office.work(actor_of(office, "hr")) as work:
        commission = work.session.scalars(select(Commission).where(Commission.body_id == work.actor.body_id)).one()
        (seat,) = substitutes_of(work, commission.id)
        assert work.get(Person, seat.person_id).name == "Кадырова Мээрим"
        assert seat.in_place_of_id == members_of(work, commission.id)[1].id


WRONG = (
    (BODY.replace("Asia/Bishkek", "Asia/Nowhere"), "time_zone"),
    (BODY.replace('"KG"', '"XX"'), "jurisdiction"),
    (BODY.replace("code =", "cade ="), "code"),
    (BODY.replace('ru = "г. Талас"', 'ky = "Талас"'), "place.ru"),
    ("code = ", "–"),
)


@pytest.mark.parametrize(("text", "place"), WRONG)
def test_a_wrong_file_is_refused_with_its_place_and_sets_nothing_up(
    desk: Desk, office: Office, text: str, place: str
) -> None:
    refused = refusal(desk.body(text))
    assert (refused.code, refused.params["file"], refused.params["place"]) == (
        "office.file_invalid",
        "town.toml",
        place,
    )
    with office.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Body).where(Body.code == "town")) == 0


REFUSED = (
    (COMMISSION.replace('role = "chair"', 'role = "member"'), "hr", "commission.needs_one"),
    (COMMISSION.replace('login = "bekova"', 'login = "nobody"'), "hr", "account.nobody"),
    (COMMISSION.replace('login = "bekova"', 'login = "hr"'), "hr", "commission.person_twice"),
    (COMMISSION.replace('login = "bekova"\n', ""), "hr", "office.file_invalid"),
    (COMMISSION, "bekova", "workflow.action_not_permitted"),
)


@pytest.mark.parametrize(("text", "login", "code"), REFUSED)
def test_a_commission_is_formed_whole_or_not_at_all(
    desk: Desk, office: Office, text: str, login: str, code: str
) -> None:
    desk.body()
    desk.people()
    assert refusal(desk.commission(text, login)).code == code
    with office.work(actor_of(office, "hr")) as work:
        assert work.session.scalar(select(func.count()).select_from(Commission)) == 0
        names = work.session.scalars(select(Person.name).where(Person.body_id == work.actor.body_id)).all()
        assert sorted(names) == ["bekova Айжан", "hr Айжан"], "nobody was added on the way"


def test_a_body_is_set_up_once(desk: Desk) -> None:
    desk.body()
    assert refusal(desk.body()).code == "body.exists"
