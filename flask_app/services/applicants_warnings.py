"""What somebody has to look into before the people of a list are candidates: who of them sits on the commission that
is to judge them, and whose birth date is kept otherwise.

Nobody is kept out for either. That a member stands for the post the commission fills is a conflict of interest; which
act forbids it, and when the member has to leave, no source at hand says: the rule is unverified and shown as such.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from flask_app.domain.applicants import Applicant, Finding
from flask_app.domain.dates import show_date
from flask_app.domain.names import fold_name
from flask_app.services.commissions import holds
from flask_app.services.office import Work
from flask_app.store.models.commissions import CommissionMember
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition


def applicants_warnings(work: Work, competition: Competition, applicants: Sequence[Applicant]) -> tuple[Finding, ...]:
    """In the order of the list."""
    found = [*_sitting(work, competition, applicants), *_born_otherwise(work, applicants)]
    places = {(one.sheet, one.row): place for place, one in enumerate(applicants)}
    return tuple(sorted(found, key=lambda finding: places[finding.sheet, finding.row]))


def _sitting(work: Work, competition: Competition, applicants: Sequence[Applicant]) -> list[Finding]:
    """Members and substitutes of the commission of this competition who stand as its candidates.

    The same personal number, or the same name and birth date, is the same person; the same name alone is told where
    the member's birth date is not known, as of most who are only seated.
    """
    if competition.commission_id is None:
        return []
    seats = work.session.execute(
        select(CommissionMember.role, Person.personal_number_index, Person.folded_name, Person.birth_date)
        .join(Person, Person.id == CommissionMember.person_id)
        .where(
            CommissionMember.commission_id == competition.commission_id,
            CommissionMember.body_id == work.actor.body_id,
            holds(),
        )
    ).all()
    found = []
    for one in applicants:
        index, name = work.office.sealer.index(one.personal_number), fold_name(one.name)
        namesakes = [seat for seat in seats if seat.folded_name == name]
        same = [seat for seat in seats if seat.personal_number_index == index]
        same += [seat for seat in namesakes if seat.birth_date == one.birth_date]
        maybe = [seat for seat in namesakes if seat.birth_date is None]
        if same:
            found.append(_finding(one, "APPLICANT_SITS_ON_COMMISSION", role=same[0].role))
        elif maybe:
            found.append(_finding(one, "APPLICANT_NAMED_AS_MEMBER", role=maybe[0].role))
    return found


def _born_otherwise(work: Work, applicants: Sequence[Applicant]) -> list[Finding]:
    """People known by their personal number whose birth date is kept otherwise: a list does not change it.

    The kept date is not said here: it is opened on the candidate's page, where the reading is recorded.
    """
    said = {work.office.sealer.index(one.personal_number): one for one in applicants}
    rows = work.session.execute(
        select(Person.personal_number_index, Person.birth_date).where(
            Person.body_id == work.actor.body_id,
            Person.personal_number_index.in_(list(said)),
            Person.birth_date.is_not(None),
        )
    )
    kept = {index: born for index, born in rows if index is not None}
    return [
        _finding(one, "APPLICANT_BIRTH_DIFFERS", date=show_date(one.birth_date))
        for index, one in said.items()
        if index in kept and kept[index] != one.birth_date
    ]


def _finding(applicant: Applicant, code: str, **params: object) -> Finding:
    return Finding(applicant.sheet, applicant.row, "", code, {"name": applicant.name, **params})
