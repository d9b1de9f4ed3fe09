"""Papers of procedures in every state, registered without gaps, with a version for each time they were rendered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask_app.bench.panel_bulk import Bulk, Row
from flask_app.bench.panel_people import Staff
from flask_app.bench.panel_trail import Trail, moment
from flask_app.domain.numbering import SERIES
from flask_app.messages import label
from flask_app.store.models.documents import Document, DocumentVersion, RegistrationCounter

PATHS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "review": ("submit",),
    "signing": ("submit", "approve"),
    "in_force": ("submit", "approve", "sign"),
    "archived": ("submit", "approve", "sign", "archive"),
}
SIGNERS = {"D11": "commission_chair", "D16": "commission_chair", "D19": "head_of_body", "D53": "head_of_body"}


@dataclass
class Papers:
    """`file`: content address and size of the file every version shares; known once a first paper was rendered."""

    bulk: Bulk
    trail: Trail
    staff: Staff
    made: list[Row] = field(default_factory=list)
    _numbers: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))

    def of_competition(self, competition: Row, state: str, days: Mapping[str, date]) -> None:
        last = list(days.values())[-1]
        if state in ("interviewing", "voting"):
            self.make("D11", "competition", competition, last, "draft")
            return
        settled = state not in ("decided",)
        held = days["decide"]
        self.make("D11", "competition", competition, held, "in_force")
        self.make(
            "D16",
            "competition",
            competition,
            held,
            "in_force" if settled else ("signing", "review")[len(self.made) % 2],
        )
        if "appoint" in days:
            order = self.make(
                "D19", "competition", competition, days["appoint"], "archived" if state == "archived" else "in_force"
            )
            order["parameters"] = {"appointed_from": days["appoint"].isoformat(), "probation_months": 3}

    def make(self, kind: str, subject_type: str, subject: Row, day: date, state: str) -> Row:
        drafter = self.staff.hand("training_officer" if kind == "D53" else "commission_secretary")
        row = self.bulk.add(
            Document,
            kind=kind,
            title={language: label(f"paper_{kind}", language) for language in ("ky", "ru", "en")},
            parameters={},
            subject_type=subject_type,
            subject_id=subject["id"],
            registration_series=None,
            registration_year=None,
            registration_value=None,
            registered_on=None,
            signed_by=None,
            last_act_on=None,
            created_at=moment(day, 4),
            state="draft",
            version=1,
        )
        self.trail.begin("document", row, drafter, day, "drafted", {"kind": kind})
        for step in PATHS[state]:
            hand = self.staff.hand(SIGNERS[kind]) if step == "sign" else drafter
            if step == "sign":
                self._register(row, kind, day, hand.user_id)
            self.trail.step("document", row, step, hand, day)
        self.made.append(row)
        return row

    def _register(self, row: Row, kind: str, day: date, signer: object) -> None:
        key = SERIES[kind], day.year
        self._numbers[key] += 1
        row |= {
            "registration_series": key[0],
            "registration_year": key[1],
            "registration_value": self._numbers[key],
            "registered_on": day,
            "signed_by": signer,
        }

    def counters(self) -> None:
        for (series, year), last in self._numbers.items():
            self.bulk.add(RegistrationCounter, series=series, year=year, last=last)

    def versions(self, sha256: str, size: int) -> None:
        """The files: two renderings of a draft, a third of what was signed. All are the one that was rendered."""
        for row in self.made:
            drafter = self.staff.hand("training_officer" if row["kind"] == "D53" else "commission_secretary")
            for number in range(1, 4 if row["registration_value"] else 3):
                self.bulk.add(
                    DocumentVersion,
                    document_id=row["id"],
                    number=number,
                    file_sha256=sha256,
                    size=size,
                    template_version=f"{row['kind']} 1",
                    facts_hash=f"{number:064x}",
                    author_id=drafter.user_id,
                    reason="draft" if number < 3 else "signed",
                    created_at=row["created_at"] + timedelta(minutes=number),
                )
