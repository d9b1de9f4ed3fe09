"""A person as Moodle should know him: a random identifier, names, a password of its own; never the national number."""

from __future__ import annotations

import hashlib
import re
import secrets

from flask_app.ports.moodle import WantedPerson
from flask_app.services.office import Work
from flask_app.store.models.people import Person

LEGIBLE = "abcdefghijkmnpqrstuvwxyz"  # no l and o: slips are read from paper
LETTERS = 10
USERNAME_PART = re.compile(r"[a-z0-9._-]{1,40}")


def give_login(work: Work, person: Person, username: str) -> None:
    """A name and a password for Moodle, once; they are printed on the person's slip."""
    if not person.moodle_username:
        person.moodle_username = username
        person.moodle_password_sealed = work.office.sealer.seal(_password())


def seat_username(work: Work, session_code: str, number: int) -> str:
    """`<session>-<number>@<body>`: unique on a site that several bodies share, and of the signs Moodle takes."""
    return f"{_plain(session_code)}-{number:03d}@{_plain(work.body.code)}"


def _plain(code: str) -> str:
    """The code where Moodle takes it in a user name; else ten signs that always stand for the same code."""
    folded = code.lower()
    return folded if USERNAME_PART.fullmatch(folded) else hashlib.sha256(folded.encode()).hexdigest()[:10]


def _password() -> str:
    """Easy to copy from a printed slip and within Moodle's password rules (digit, upper case, other sign)."""
    letters = "".join(secrets.choice(LEGIBLE) for _ in range(LETTERS))
    return f"{letters[:5].capitalize()}-{letters[5:]}{secrets.randbelow(90) + 10}"


def moodle_password(work: Work, person: Person) -> str:
    """The password of the slip; empty when none was given yet."""
    sealed = person.moodle_password_sealed
    return work.office.sealer.open(sealed) if sealed else ""


def wanted_person(work: Work, person: Person) -> WantedPerson:
    """Papers print names in one piece; Moodle wants two parts: the first word, and the rest with its уулу or кызы."""
    surname, _, given = person.name.partition(" ")
    return WantedPerson(
        idnumber=str(person.id),
        username=person.moodle_username,
        firstname=given or surname,
        lastname=surname,
        lang=person.language,
        password=moodle_password(work, person),
    )
