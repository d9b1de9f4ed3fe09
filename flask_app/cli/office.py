"""`kyzmat office`: what a new installation needs before anybody can work in it, each from a small TOML file.

docs/operations.md shows both files. A body is set up by the installation itself; a commission is formed in the name of
somebody who may (HR staff, the head), because the log must say who did.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar
from uuid import UUID
from zoneinfo import available_timezones

import click
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from sqlalchemy import select

from flask_app.cli.installing import without_moodle
from flask_app.cli.telling import language
from flask_app.domain.errors import InvalidInput, NotFound
from flask_app.domain.identity import fold_login
from flask_app.domain.substitution import SUBSTITUTE
from flask_app.messages import label
from flask_app.services.bodies import BodyProfile, actor_of, add_person, create_body
from flask_app.services.commissions import NewMember, form_commission
from flask_app.services.office import Work
from flask_app.store.models.organisation import User

Sheet = TypeVar("Sheet", bound=BaseModel)


class Words(BaseModel):
    """A text in the languages of papers; at least the Russian one."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    ru: str = Field(min_length=1)
    ky: str = ""
    kk: str = ""

    def spoken(self) -> dict[str, str]:
        return {code: text for code, text in self.model_dump().items() if text}


class BodySheet(BaseModel):
    """A body: what papers and deadlines take from it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    code: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    jurisdiction: Literal["KG", "KZ"]
    time_zone: str
    name: Words
    address: Words
    place: Words

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("no such time zone; for example Asia/Bishkek")
        return value

    def profile(self) -> BodyProfile:
        name, address, place = (text.spoken() for text in (self.name, self.address, self.place))
        return BodyProfile(self.code, self.jurisdiction, name, address, place, self.time_zone)


class SeatSheet(BaseModel):
    """A seat. `login`: somebody who logs in; `name`: somebody who does not. A secretary votes only where it is said.

    `in_place_of`: of a substitute, the login or name by which the same file names the member.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    role: Literal["chair", "deputy_chair", "member", "substitute", "secretary"]
    post: Words
    login: str = ""
    name: str = ""
    votes: bool | None = None
    in_place_of: str = ""

    @property
    def who(self) -> str:
        return self.login or self.name

    @model_validator(mode="after")
    def _somebody(self) -> SeatSheet:
        if bool(self.login) == bool(self.name):
            raise ValueError("either login or name")
        if (self.role == SUBSTITUTE) != bool(self.in_place_of):
            raise ValueError("in_place_of is for a substitute, and a substitute needs it")
        return self


class CommissionSheet(BaseModel):
    """A standing commission: the order that formed it, and its seats."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Words
    kinds: tuple[Literal["competition", "attestation"], ...] = Field(min_length=1)
    formed_on: date
    basis: str = Field(min_length=1)
    member: tuple[SeatSheet, ...]

    @model_validator(mode="after")
    def _known(self) -> CommissionSheet:
        named = [seat.who for seat in self.member]
        for seat in self.member:
            if seat.in_place_of and named.count(seat.in_place_of) != 1:
                raise ValueError(f"in_place_of: {seat.in_place_of} is not one of the members")
        return self


@click.group()
def office() -> None:
    """Bodies and commissions, from TOML files."""


@office.command("body")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def body_command(file: Path) -> None:
    """Set up the body that FILE describes."""
    wanted = _read(file, BodySheet)
    with without_moodle() as installed:
        create_body(installed, wanted.profile())
    click.echo(label("office_body_made", language(), body=wanted.code))


@office.command("commission")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--login", required=True, help="Who forms it: HR staff or the head of the body.")
def commission_command(file: Path, login: str) -> None:
    """Form the standing commission that FILE describes, in the body of LOGIN."""
    wanted = _read(file, CommissionSheet)
    with without_moodle() as installed, installed.work(actor_of(installed, login)) as work:
        people = [_person(work, seat) for seat in wanted.member]
        named = {seat.who: person for seat, person in zip(wanted.member, people, strict=True)}
        seats = [_seat(seat, person, named) for seat, person in zip(wanted.member, people, strict=True)]
        kinds = list(dict.fromkeys(wanted.kinds))
        form_commission(work, wanted.name.spoken(), kinds, wanted.formed_on, wanted.basis, seats)
    click.echo(label("office_commission_made", language(), n=len(wanted.member)))


def _person(work: Work, seat: SeatSheet) -> UUID:
    return _person_of(work, seat.login) if seat.login else add_person(work, seat.name).id


def _seat(seat: SeatSheet, person: UUID, named: Mapping[str, UUID]) -> NewMember:
    """`named`: login or name in the file → person."""
    votes = seat.role != "secretary" if seat.votes is None else seat.votes
    in_place_of = named[seat.in_place_of] if seat.in_place_of else None
    return NewMember(person, seat.role, seat.post.spoken(), votes, in_place_of)


def _person_of(work: Work, login: str) -> UUID:
    """In whatever case the login is written."""
    known = work.session.execute(select(User.login, User.person_id).where(User.body_id == work.actor.body_id))
    person = next((person for one, person in known if fold_login(one) == fold_login(login)), None)
    if person is None:
        raise NotFound("account.nobody", login=login)
    return person


def _read(file: Path, sheet: type[Sheet]) -> Sheet:
    """Raises `InvalidInput("office.file_invalid")` naming the place in the file and the reason."""
    try:
        content: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        return sheet.model_validate(content)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("office.file_invalid", file=file.name, place="–", reason=str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "–"
        raise InvalidInput("office.file_invalid", file=file.name, place=place, reason=first["msg"]) from error
