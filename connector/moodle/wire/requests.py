"""The parameters of each function of the contract, without `opkey`: that is made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.moodle.wire.flatten import Params
from connector.moodle.wire.moments import to_epoch
from connector.moodle.wire.records import Card, NewCourse, Override, Push, QuestionStatus, QuestionUpload
from flask_app.ports.moodle import WantedBank, WantedEnrolment, WantedPerson, WantedSlot, WantedTest


def save_bank(bank: WantedBank) -> Params:
    return {"courseidnumber": bank.course, "bankidnumber": bank.bank, "name": bank.name}


def question_item(question: QuestionUpload) -> Params:
    return {
        "idnumber": question.idnumber,
        "contenthash": question.content_hash,
        "categorypath": question.category_path,
        "format": question.form,
        "source": question.source,
        "expectedversion": question.expected_version,
    }


def import_questions(bank: str, questions: Sequence[QuestionUpload]) -> Params:
    return {"bankidnumber": bank, "questions": [question_item(question) for question in questions]}


def status_item(idnumber: str, status: QuestionStatus) -> Params:
    return {"idnumber": idnumber, "status": status}


def set_question_status(bank: str, statuses: Sequence[tuple[str, QuestionStatus]]) -> Params:
    return {"bankidnumber": bank, "items": [status_item(idnumber, status) for idnumber, status in statuses]}


def person_item(person: WantedPerson) -> Params:
    return {
        "idnumber": person.idnumber,
        "username": person.username,
        "firstname": person.firstname,
        "lastname": person.lastname,
        "email": person.email,
        "lang": person.lang,
        "password": person.password,
        "suspended": person.suspended,
    }


def save_people(people: Sequence[WantedPerson]) -> Params:
    return {"people": [person_item(person) for person in people]}


def enrolment_item(enrolment: WantedEnrolment) -> Params:
    return {
        "useridnumber": enrolment.person,
        "role": "student",
        "groupidnumbers": list(enrolment.groups),
        "timestart": to_epoch(enrolment.timestart),
        "timeend": to_epoch(enrolment.timeend),
        "remove": enrolment.remove,
    }


def save_enrolments(course: str, enrolments: Sequence[WantedEnrolment]) -> Params:
    return {"courseidnumber": course, "members": [enrolment_item(enrolment) for enrolment in enrolments]}


def _slot(slot: WantedSlot) -> Params:
    return {"idnumber": slot.idnumber, "version": slot.version, "maxmark": slot.maxmark}


def save_test(test: WantedTest) -> Params:
    return {
        "courseidnumber": test.course,
        "testidnumber": test.test,
        "name": test.name,
        "intro": test.intro,
        "timeopen": to_epoch(test.timeopen),
        "timeclose": to_epoch(test.timeclose),
        "timelimit": test.timelimit,
        "attempts": test.attempts,
        "passpercent": test.passpercent,
        "review": test.review,
        "password": test.password,
        "shuffleanswers": test.shuffleanswers,
        "groupidnumbers": list(test.groups),
        "visible": test.visible,
        "slots": [_slot(slot) for slot in test.slots],
        "sections": [],
    }


def override_item(override: Override) -> Params:
    """Only the one who is named: both names together would be two overrides."""
    who = "useridnumber" if override.useridnumber else "groupidnumber"
    return {
        who: override.useridnumber or override.groupidnumber,
        "timeopen": to_epoch(override.timeopen),
        "timeclose": to_epoch(override.timeclose),
        "timelimit": override.timelimit,
        "attempts": override.attempts,
        "remove": override.remove,
    }


def save_overrides(test: str, overrides: Sequence[Override]) -> Params:
    return {"testidnumber": test, "items": [override_item(override) for override in overrides]}


def _texts(texts: Mapping[str, str]) -> list[Params]:
    return [{"lang": lang, "text": text} for lang, text in texts.items()]


def card_item(card: Card) -> Params:
    return {
        "cardid": card.cardid,
        "useridnumber": card.useridnumber,
        "kind": card.kind,
        "titles": _texts(card.titles),
        "bodies": _texts(card.bodies),
        "url": card.url,
        "due": to_epoch(card.due),
        "state": card.state,
        "remove": card.remove,
    }


def save_cards(cards: Sequence[Card]) -> Params:
    return {"cards": [card_item(card) for card in cards]}


def save_push(push: Push) -> Params:
    return {"url": push.url, "secret": push.secret, "events": list(push.events)}


def create_courses(courses: Sequence[NewCourse]) -> Params:
    return {
        "courses": [
            {
                "fullname": course.fullname,
                "shortname": course.shortname,
                "categoryid": course.category,
                "idnumber": course.idnumber,
                "enablecompletion": 1,
            }
            for course in courses
        ]
    }
