"""Short ways to a competition in a given state, through the same use cases as everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from flask_app.domain.identity import Actor
from flask_app.services.bodies import add_person
from flask_app.services.commissions import NewMember, form_commission, members_of
from flask_app.services.competitions import (
    NewCompetition,
    add_position,
    draft_competition,
    move_competition,
    name_commission,
    record_agreement,
    record_publication,
)
from flask_app.services.office import Office, Work
from flask_app.services.transitions import act_on
from flask_app.store.models.procedures import Competition
from flask_app.store.rule_packs import shipped_pack
from tests.services.desk import TODAY

PACK = "kg-mun-2006"
BOTH = {"ky": "Башкы адис", "ru": "Главный специалист"}


@dataclass(frozen=True)
class Build:
    """One body's competition in the making, by one actor who holds every role."""

    office: Office
    actor: Actor

    def draft(self) -> UUID:
        with self.office.work(self.actor) as work:
            position = add_position(work, BOTH, BOTH, BOTH, "senior", TODAY - timedelta(days=90))
            items = {item: {"ky": "көрсөтүлдү", "ru": "указано"} for item in shipped_pack(PACK).announcement.items}
            return draft_competition(
                work,
                NewCompetition(f"K-{uuid4().hex[:6]}", "open", BOTH, position, PACK, items, "протокол № 1"),
            )

    def commission(self, competition: UUID, *, members: int = 3) -> UUID:
        with self.office.work(self.actor) as work:
            assert self.actor.person_id is not None
            people = [add_person(work, f"Мүчө {n}").id for n in range(members - 1)]
            seats = [NewMember(self.actor.person_id, "chair", BOTH, True)]
            seats += [NewMember(person, "member", BOTH, True) for person in people]
            seats.append(NewMember(add_person(work, "Катчы").id, "secretary", BOTH, False))
            id_ = form_commission(work, BOTH, ["competition"], TODAY - timedelta(days=80), "приказ", seats)
            name_commission(work, competition, id_, expected_version=version(work, competition))
            assert len(members_of(work, id_)) == members + 1
            return id_

    def move(self, competition: UUID, transition: str, day: date, evidence: str = "") -> None:
        with self.office.work(self.actor) as work:
            act = act_on(work, day, evidence)
            move_competition(work, competition, transition, act, expected_version=version(work, competition))

    def open_for_documents(self) -> UUID:
        competition = self.draft()
        self.commission(competition)
        self.move(competition, "submit_text", TODAY - timedelta(days=50))
        with self.office.work(self.actor) as work:
            agreed = TODAY - timedelta(days=48)
            record_agreement(work, competition, "7", agreed, expected_version=version(work, competition))
            record_publication(work, competition, "газета", TODAY - timedelta(days=45), "№ 1")
        self.move(competition, "announce", TODAY - timedelta(days=45), "газета № 1")
        self.move(competition, "open_documents", TODAY - timedelta(days=44))
        return competition


def version(work: Work, competition: UUID) -> int:
    return work.get(Competition, competition).version
