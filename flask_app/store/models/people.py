"""Persons: candidates, commission members, servants."""

from __future__ import annotations

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from flask_app.store.base import Base, Identified, OfBody


class Person(Identified, OfBody, Base):
    """A person. The id doubles as the idnumber in Moodle: a random UUID, never the national number.

    `personal_number_sealed` is encrypted; `personal_number_index` a keyed hash that only finds equals. `sort_key`
    orders names by the merged alphabet; `folded_name` finds doubles (ё = е, case, spaces). `language_chosen`: whether
    somebody said that the test is sat in `language`; else it is only what the panel begins with.
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("body_id", "personal_number_index"),)

    name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(index=True)
    folded_name: Mapped[str] = mapped_column(index=True)
    personal_number_sealed: Mapped[bytes | None]
    personal_number_index: Mapped[str | None]
    birth_date: Mapped[date | None]
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="ky")
    language_chosen: Mapped[bool] = mapped_column(default=False)
    moodle_username: Mapped[str] = mapped_column(default="")
    moodle_password_sealed: Mapped[bytes | None]
