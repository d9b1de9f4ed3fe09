"""The body of the measurement: its staff, its commissions, and the people who apply and are taught. All invented."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask_app.bench.panel_bulk import Bulk, Row
from flask_app.bench.panel_trail import Hand, Trail
from flask_app.domain.identity import ROLES, fold_login
from flask_app.domain.names import fold_name, sort_key
from flask_app.store.models.commissions import Commission, CommissionMember
from flask_app.store.models.organisation import Body, RoleGrant, User
from flask_app.store.models.people import Person
from flask_app.store.sealing import Sealer

SURNAMES = (
    "Абдылдаев", "Айтматов", "Байтемиров", "Габитов", "Дөөлөтов", "Ёлкин", "Жээнбеков", "Зайцев", "Ибраимов",
    "Калмырзаев", "Күлүев", "Ли", "Мырзабеков", "Ңазаров", "Осмонов", "Өскөнов", "Петренко", "Рысалиев", "Сатыбалдиев",
    "Төрөкулов", "Үсөнбаев", "Хамидов", "Цой", "Чыныбаев", "Шаршенбеков", "Эркебаев", "Юсупов", "Ялымов",
)  # fmt: skip
GIVEN = ("Азат", "Бегим", "Венера", "Гүлнара", "Данияр", "Жоодар", "Замира", "Ислам", "Кубан", "Мээрим", "Нурзат",
         "Өмүрбек", "Рахат", "Сайра", "Таалай", "Үмүт", "Чынара", "Эльдар")  # fmt: skip
FATHERS = ("Асан", "Болот", "Жаныбек", "Кеңеш", "Марат", "Өмүр", "Самат", "Токтогул", "Эркин")
KIN = ("уулу", "кызы", "уулу", "кызы")

COMMISSIONS = 8
OWN_SEATS = 2
"""Every so manieth commission has the body's own chair, member and secretary in their seats."""

SEATS = ("chair", "deputy_chair", "member", "member", "member", "member", "secretary")
POST = {"ky": "бөлүм башчысы", "ru": "начальник отдела"}
FIRST_BIRTH = date(1968, 1, 7)


@dataclass
class Staff:
    """Who logs in, by role id; `people`: their persons, in the same order."""

    hands: dict[str, Hand]
    people: dict[str, Row]

    def hand(self, role: str) -> Hand:
        return self.hands[role]


@dataclass(frozen=True, slots=True)
class Seated:
    """One commission: its row and its members in the order of `SEATS`."""

    commission: Row
    members: tuple[Row, ...]

    @property
    def voting(self) -> tuple[Row, ...]:
        return tuple(member for member in self.members if member["votes"])


def a_body(bulk: Bulk, code: str, ky: str, ru: str) -> None:
    name = {"ky": ky, "ru": ru}
    place = {"ky": f"{ky}, Достук көч., 4", "ru": f"{ru}, ул. Достук, 4"}
    row = bulk.add(Body, code=code, jurisdiction="KG", name=name, address=place, place=name, time_zone="Asia/Bishkek")
    row["id"] = bulk.body_id


def a_name(number: int) -> str:
    """A different full name for each of the first forty thousand; about every tenth surname is a common one."""
    surname = SURNAMES[number % len(SURNAMES)]
    given = GIVEN[(number // len(SURNAMES)) % len(GIVEN)]
    rest = number // (len(SURNAMES) * len(GIVEN))
    father, kin = FATHERS[rest % len(FATHERS)], KIN[number % len(KIN)]
    return f"{surname}{'а' if kin == 'кызы' else ''} {given} {father} {kin}"


def a_person(bulk: Bulk, sealer: Sealer, number: int) -> Row:
    """With a personal number of its own, sealed as the use cases seal it."""
    name, born = a_name(number), FIRST_BIRTH + timedelta(days=number * 17 % 12_000)
    personal = f"{1 + number % 2}{born:%d%m%Y}{number % 100_000:05d}"
    return bulk.add(
        Person,
        name=name,
        sort_key=sort_key(name),
        folded_name=fold_name(name),
        personal_number_sealed=sealer.seal(personal),
        personal_number_index=sealer.index(f"{personal}"),
        birth_date=born,
        phone=f"+996 555 {number // 1000:03d} {number % 1000:03d}",
        email=f"person{number}@example.kg",
        language="ky" if number % 3 else "ru",
        language_chosen=True,
        moodle_username="",
        moodle_password_sealed=None,
    )


def a_staff(bulk: Bulk, sealer: Sealer, prefix: str, password_hash: str, first: int) -> Staff:
    """One user per role; the member has its seat and no role in the body."""
    hands, people = {}, {}
    for place, role in enumerate(ROLES):
        person = a_person(bulk, sealer, first + place)
        login = f"{prefix}{role}"
        user = bulk.add(
            User,
            login=login,
            login_folded=fold_login(login),
            name=person["name"],
            password_hash=password_hash,
            language="ky" if place % 2 else "ru",
            person_id=person["id"],
            locked_until=None,
        )
        if role != "commission_member":
            bulk.add(RoleGrant, user_id=user["id"], role=role)
        hands[role], people[role] = Hand(user["id"], login), person
    return Staff(hands, people)


def commissions(bulk: Bulk, trail: Trail, staff: Staff, people: list[Row], chance: random.Random) -> list[Seated]:
    found = []
    for number in range(COMMISSIONS):
        commission = bulk.add(
            Commission,
            name={"ky": f"№ {number + 1} конкурстук комиссия", "ru": f"Конкурсная комиссия № {number + 1}"},
            kinds=["competition"],
            formed_on=date(2021, 1, 12),
            basis=f"распоряжение № {number + 12}",
        )
        sitting = dict(zip(range(len(SEATS)), chance.sample(people, len(SEATS)), strict=True))
        if number % OWN_SEATS == 0:
            sitting |= {
                0: staff.people["commission_chair"],
                2: staff.people["commission_member"],
                6: staff.people["commission_secretary"],
            }
        members = tuple(_member(bulk, commission["id"], sitting[seat]["id"], role) for seat, role in enumerate(SEATS))
        after = {"members": len(members)}
        formed = commission["formed_on"]
        trail.noted(staff.hand("hr_officer"), formed, "commission.formed", "commission", commission["id"], after)
        found.append(Seated(commission, members))
    return found


def _member(bulk: Bulk, commission: UUID, person: UUID, role: str) -> Row:
    return bulk.add(
        CommissionMember,
        commission_id=commission,
        person_id=person,
        role=role,
        votes=role != "secretary",
        post=dict(POST),
    )
