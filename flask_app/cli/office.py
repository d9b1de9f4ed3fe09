"""`kyzmat office`: what a new installation needs before anybody can work in it, each from a small TOML file.

docs/operations.md shows both files. A body is set up by the installation itself; a commission is formed in the name of
somebody who may (HR staff, the head), because the log must say who did.
"""

from __future__ import annotations

import tomllib
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
    """A seat. `login`: somebody who logs in; `name`: somebody who does not. A secretary votes only where it is said."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    role: Literal["chair", "deputy_chair", "member", "secretary"]
    post: Words
    login: str = ""
    name: str = ""
    votes: bool | None = None

    @model_validator(mode="after")
    def _somebody(self) -> SeatSheet:
        if bool(self.login) == bool(self.name):
            raise ValueError("either login or name")
        return self


class CommissionSheet(BaseModel):
    """A standing commission: the order that formed it, and its seats."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Words
    kinds: tuple[Literal["competition", "attestation"], ...] = Field(min_length=1)
    formed_on: date
    basis: str = Field(min_length=1)
    member: tuple[SeatSheet, ...]


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
        seats = [_seat(work, seat) for seat in wanted.member]
        kinds = list(dict.fromkeys(wanted.kinds))
        form_commission(work, wanted.name.spoken(), kinds, wanted.formed_on, wanted.basis, seats)
    click.echo(label("office_commission_made", language(), n=len(wanted.member)))


def _seat(work: Work, seat: SeatSheet) -> NewMember:
    person = _person_of(work, seat.login) if seat.login else add_person(work, seat.name).id
    votes = seat.role != "secretary" if seat.votes is None else seat.votes
    return NewMember(person, seat.role, seat.post.spoken(), votes)


def _person_of(work: Work, login: str) -> UUID:
    found = work.session.scalar(select(User.person_id).where(User.login == login, User.body_id == work.actor.body_id))
    if found is None:
        raise NotFound("account.nobody", login=login)
    return found


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
