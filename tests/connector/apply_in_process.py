"""Plans and applies in a process of its own, which a failpoint can kill: `python -m … URL TOKEN LEDGER COURSE BANK`."""

from __future__ import annotations

import sys
from pathlib import Path

from connector.moodle.gateway import MoodleConnector
from flask_app.ports.moodle import Wanted, WantedBank, WantedQuestion
from tests.connector.ledger import SqliteLedger
from tests.connector.wishes import enrolment, form_of, person, question


def wish(course: str, bank: str) -> Wanted:
    """More than one chunk of questions, and something of every other kind."""
    many: list[WantedQuestion] = [question(f"q{number:03}.ky") for number in range(210)]
    people = [person(f"{bank}-p{number}", password="Pass-2026") for number in range(3)]
    return Wanted(
        banks=(WantedBank(course, bank, "Банк", tuple(many)),),
        people=tuple(people),
        enrolments=tuple(enrolment(entry.idnumber, "g-1", course=course) for entry in people),
        tests=(form_of(("q000.ky", 1), ("q209.ky", 1), idnumber=f"t-{bank}", course=course),),
    )


def main(url: str, token: str, ledger: str, course: str, bank: str) -> None:
    connector, kept = MoodleConnector(url, token), SqliteLedger(Path(ledger))
    report = connector.apply(connector.plan(wish(course, bank), kept), kept, lambda _done, _total: None)
    print(f"applied {len(report.items)} failures {len(report.failures)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
