"""The spreadsheets that applicants came in by: kept in the file store, with the address their importer was led to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask

from flask_app.bench.panel_bulk import Row
from flask_app.bench.panel_people import Staff
from flask_app.domain.applicant_columns import HEADS, Column
from flask_app.services.applicants_upload import preview_upload
from flask_app.services.bodies import actor_of
from flask_app.services.exports import workbook_of
from flask_app.services.office import Office
from flask_app.store.sealing import Sealer

FILE = "кандидаты.xlsx"
FIRST_ROW = 2
"""Below the head."""

COLUMNS = (
    *(Column.NAME, Column.PERSONAL_NUMBER, Column.BIRTH_DATE, Column.EDUCATION, Column.SERVICE, Column.PHONE),
    *(Column.EMAIL, Column.DOCUMENTS),
)
UNREADABLE = ("Токоев Бакыт", "12345", "", "", "", "", "", "")
"""The last row of each list, refused: its number has five digits."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A list that was taken in: the competition and the file's content address."""

    competition: UUID
    sha256: str


def education(number: int) -> str:
    """What the applicant of this number wrote."""
    return "высшее, юридическое" if number % 3 else "жогорку, экономикалык"


def service_years(number: int) -> int:
    return number % 12 + 1


def complete(number: int) -> bool:
    return number % 11 != 0


class Lists:
    """Writes a list as an office would have kept it, and keeps it where an import keeps its file."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.made: list[Imported] = []

    def keep(self, competition: Row, people: Sequence[Row]) -> Mapping[str, Any]:
        """The `source` of the applications; they stand in the list in the order of their numbers."""
        rows = [_cells(self._office.sealer, number, person) for number, person in enumerate(people, start=1)]
        content = workbook_of(competition["code"], [HEADS[column] for column in COLUMNS], [*rows, UNREADABLE])
        sha256 = self._office.files.put(content).sha256
        self.made.append(Imported(competition["id"], sha256))
        return {"file": FILE, "sha256": sha256}


def _cells(sealer: Sealer, number: int, person: Row) -> list[str]:
    personal, born = sealer.open(person["personal_number_sealed"]), person["birth_date"]
    words = [education(number), f"{service_years(number)}", person["phone"], person["email"]]
    return [person["name"], personal, f"{born:%d.%m.%Y}", *words, "да" if complete(number) else "нет"]


def reports_of(app: Flask, office: Office, staff: Staff, imported: Sequence[Imported]) -> dict[str, list[str]]:
    """Login → where the confirmation of each list led: to its report, sealed for who sent it and linked from nowhere.

    The file is previewed again for the seal, which keeps nothing new.
    """
    login, adapter = staff.hand("hr_officer").login, app.url_map.bind("localhost")
    found = []
    with office.work(actor_of(office, login)) as work:
        for one in imported:
            kept, _ = preview_upload(work, one.competition, office.files.get(one.sha256), FILE)
            arguments = {"id_": one.competition, "sha256": kept.sha256, "seal": kept.seal}
            found.append(adapter.build("applicants.report", arguments))
    return {login: found}
