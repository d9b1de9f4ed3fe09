"""What a list says of people otherwise than what is known of them, and what somebody has to look into before they are
candidates: who of them sits on the commission that is to judge them, and whose name or birth date is kept otherwise.

Nobody is kept out for either. That a member stands for the post the commission fills is a conflict of interest; which
act forbids it, and when the member has to leave, no source at hand says: the rule is unverified and shown as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ARRAY, String, any_, bindparam, select

from flask_app.domain.applicants import Applicant, Finding
from flask_app.domain.dates import show_date
from flask_app.domain.names import fold_name
from flask_app.domain.same_person import Known, likeness
from flask_app.services.commissions import holds
from flask_app.services.office import Work
from flask_app.store.models.commissions import CommissionMember
from flask_app.store.models.people import Person
from flask_app.store.models.procedures import Competition


class AgainstKept(NamedTuple):
    """`notes`: what stays as it was though the list says otherwise; `warnings`: what somebody has to look into."""

    notes: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


class _Kept(NamedTuple):
    """What is kept of a person; `language` is None where nobody has chosen one."""

    name: str
    language: str | None
    birth_date: date | None


def by_number(work: Work, applicants: Sequence[Applicant]) -> dict[str, Applicant]:
    """Keyed hash of the personal number → applicant, in the order of the list; a number stands in a list once."""
    index = work.office.sealer.index
    return {index(one.personal_number): one for one in applicants}


def against_kept(work: Work, competition: Competition, listed: Mapping[str, Applicant]) -> AgainstKept:
    """The applicants of a list (as of `by_number`) beside what is kept; both in the order of the list."""
    kept = _kept(work, listed)
    found = [
        *_sitting(work, competition, listed),
        *_born_otherwise(listed, kept),
        *_named_otherwise(listed, kept),
    ]
    places = {(one.sheet, one.row): place for place, one in enumerate(listed.values())}
    warnings = tuple(sorted(found, key=lambda finding: places[finding.sheet, finding.row]))
    return AgainstKept(tuple(_speaks_otherwise(listed, kept)), warnings)


def _kept(work: Work, listed: Mapping[str, Applicant]) -> dict[str, _Kept]:
    numbers = bindparam(
        "numbers", list(listed), type_=ARRAY(String)
    )  # three hundred parameters would be read one by one
    rows = work.session.execute(
        select(
            Person.personal_number_index, Person.name, Person.language, Person.language_chosen, Person.birth_date
        ).where(Person.body_id == work.actor.body_id, Person.personal_number_index == any_(numbers))
    )
    return {str(index): _Kept(name, language if chosen else None, born) for index, name, language, chosen, born in rows}


def _speaks_otherwise(listed: Mapping[str, Applicant], kept: Mapping[str, _Kept]) -> Iterator[Finding]:
    """People for whom another language of the test was chosen before: a list says it, and changes nothing."""
    for index, one in listed.items():
        language = kept[index].language if index in kept else None
        if one.language and language is not None and language != one.language:
            yield _finding(one, "APPLICANT_LANGUAGE_KEPT", said_language=one.language, kept_language=language)


def _sitting(work: Work, competition: Competition, listed: Mapping[str, Applicant]) -> list[Finding]:
    """Members and substitutes of the commission of this competition who stand as its candidates (`likeness`)."""
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
    for index, one in listed.items() if seats else ():
        applicant = Known(index, fold_name(one.name), one.birth_date)
        alike = [
            (likeness(applicant, Known(seat.personal_number_index, seat.folded_name, seat.birth_date)), seat.role)
            for seat in seats
        ]
        same = [role for how, role in alike if how == "same"]
        maybe = [role for how, role in alike if how == "perhaps"]
        if same:
            found.append(_finding(one, "APPLICANT_SITS_ON_COMMISSION", role=same[0]))
        elif maybe:
            found.append(_finding(one, "APPLICANT_NAMED_AS_MEMBER", role=maybe[0]))
    return found


def _born_otherwise(listed: Mapping[str, Applicant], kept: Mapping[str, _Kept]) -> Iterator[Finding]:
    """People known by their personal number whose birth date is kept otherwise: a list does not change it.

    The kept date is not said here: it is opened on the candidate's page, where the reading is recorded.
    """
    for index, one in listed.items():
        born = kept[index].birth_date if index in kept else None
        if born is not None and born != one.birth_date:
            yield _finding(one, "APPLICANT_BIRTH_DIFFERS", date=show_date(one.birth_date))


def _named_otherwise(listed: Mapping[str, Applicant], kept: Mapping[str, _Kept]) -> Iterator[Finding]:
    """People known by their personal number under another name: papers print the kept one until it is corrected."""
    for index, one in listed.items():
        if index in kept and kept[index].name != one.name:
            yield _finding(one, "APPLICANT_NAME_KEPT", kept_name=kept[index].name)


def _finding(applicant: Applicant, code: str, **params: object) -> Finding:
    return Finding(applicant.sheet, applicant.row, "", code, {"name": applicant.name, **params})
