"""Bodies, their users and the users' roles and sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from flask_app.domain.identity import fold_login
from flask_app.store.base import Base, Identified, OfBody


class Body(Identified, Base):
    """A state or local self-government body. Names and address are {ky, ru[, kk]}; papers take them from here."""

    __tablename__ = "body"

    code: Mapped[str] = mapped_column(unique=True)
    jurisdiction: Mapped[str]
    name: Mapped[dict[str, Any]]
    address: Mapped[dict[str, Any]]
    place: Mapped[dict[str, Any]]
    time_zone: Mapped[str]


class User(Identified, OfBody, Base):
    """Somebody who logs in. `password_hash` is argon2id; `failures` and `locked_until` slow down guessing.

    `login` is shown as it was given; `login_folded` follows it and is what makes two logins one.
    """

    __tablename__ = "user_account"

    login: Mapped[str] = mapped_column(unique=True)
    login_folded: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(default="ru")
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    disabled: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]

    @validates("login")
    def _fold(self, _name: str, login: str) -> str:
        self.login_folded = fold_login(login)
        return login


class RoleGrant(Identified, OfBody, Base):
    """A role in the whole body. Local roles (a commission's member) follow from the commission itself."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("user_id", "role"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    role: Mapped[str]


class UnknownLogin(Base):
    """Failures of a login nobody has, under a keyed hash of it; they slow down guessing as an account's own do."""

    __tablename__ = "unknown_login"

    login_hash: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    last_at: Mapped[datetime] = mapped_column(index=True)


class WebSession(Base):
    """A log-in of one browser. Only the hash of the cookie's secret is kept."""

    __tablename__ = "web_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    csrf_secret: Mapped[str]
