"""Answers about the site, the bank and writing calls, as records. Every reader raises `NotUnderstood` with the path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

from connector.moodle.wire.records import (
    BankPage,
    Course,
    ItemAnswer,
    ListAnswer,
    OneAnswer,
    PlacedSlot,
    QuestionText,
    SiteInfo,
    TestAnswer,
)
from connector.moodle.wire.shape import Part
from flask_app.domain.errors import NotUnderstood
from flask_app.ports.moodle import MoodleSite, Outcome, PresentQuestion

OUTCOMES: tuple[str, ...] = get_args(Outcome)


def site(answer: Part) -> MoodleSite:
    limits = answer["limits"]
    return MoodleSite(
        wire=answer["wire"].whole(),
        pluginversion=answer["pluginversion"].text(),
        release=answer["release"].text(),
        branch=answer["branch"].whole(),
        servertime=answer["servertime"].moment(),
        timezone=answer["timezone"].text(),
        cronlastrun=answer["cronlastrun"].moment_or_none(),
        bankcontext=answer["bankcontext"].word(("course", "module")),
        limits={name: limits[name].whole() for name in ("questions", "people", "attempts", "cards")},
        capabilities={entry["name"].name(): entry["allowed"].flag() for entry in answer["capabilities"].items()},
    )


def site_info(answer: Part) -> SiteInfo:
    return SiteInfo(
        sitename=answer["sitename"].text(),
        release=answer["release"].text(),
        version=answer["version"].text(),
        functions=frozenset(entry["name"].name() for entry in answer["functions"].items()),
    )


def courses(answer: Part) -> tuple[Course, ...]:
    return tuple(
        Course(
            id=entry["id"].whole(),
            idnumber=_optional_text(entry, "idnumber"),
            shortname=entry["shortname"].text(),
            fullname=entry["fullname"].text(),
        )
        for entry in answer["courses"].items()
    )


def created_courses(answer: Part) -> tuple[int, ...]:
    return tuple(entry["id"].whole() for entry in answer.items())


def _optional_text(part: Part, name: str) -> str:
    found = part.optional(name)
    return found.text() if found else ""


def _optional_number(part: Part, name: str) -> int:
    found = part.optional(name)
    return found.whole() if found else 0


# ----------------------------------------------------------------------------------------------------------- bank


def present_question(part: Part) -> PresentQuestion:
    """A question made by hand has no idnumber and no content hash: null or empty."""
    return PresentQuestion(
        idnumber=part["idnumber"].text_or_empty(),
        entryid=part["entryid"].whole(),
        questionid=part["questionid"].whole(),
        version=part["version"].whole(),
        status=part["status"].word(("ready", "hidden", "draft")),
        content_hash=part["contenthash"].text_or_empty(),
        category_path=part["categorypath"].text(),
        foreign=part["foreign"].flag(),
        timemodified=part["timemodified"].whole(),
    )


def bank_page(answer: Part) -> BankPage:
    return BankPage(
        cursor=answer["cursor"].text(),
        more=answer["more"].flag(),
        total=answer["total"].whole(),
        questions=tuple(present_question(entry) for entry in answer["questions"].items()),
    )


def question_text(answer: Part) -> QuestionText:
    return QuestionText(state=present_question(answer), xml=answer["xml"].text())


# --------------------------------------------------------------------------------------------------- writing calls


def _outcome(part: Part) -> Outcome:
    return cast(Outcome, part["outcome"].word(OUTCOMES))


def _replayed(answer: Part) -> bool:
    found = answer.optional("replayed")
    return found.flag() if found else False


def one(answer: Part) -> OneAnswer:
    return OneAnswer(_replayed(answer), _outcome(answer))


def test(answer: Part) -> TestAnswer:
    return TestAnswer(
        replayed=_replayed(answer),
        outcome=_outcome(answer),
        quizid=answer["quizid"].whole(),
        cmid=answer["cmid"].whole(),
        url=answer["url"].text(),
        sumgrades=answer["sumgrades"].decimal(),
        slots=tuple(_placed(entry) for entry in answer["slots"].items()),
    )


def _placed(part: Part) -> PlacedSlot:
    return PlacedSlot(
        slot=part["slot"].whole(),
        idnumber=part["idnumber"].text_or_empty(),
        entryid=part["entryid"].whole_or_zero(),
        questionid=part["questionid"].whole_or_zero(),
        version=part["version"].whole_or_zero(),
    )


def _item(part: Part, keys: Sequence[str]) -> ItemAnswer:
    names = [name for key in keys if (name := _optional_text(part, key))]
    if len(names) != 1:
        part.bad(" | ".join(keys))
    return ItemAnswer(
        name=names[0],
        outcome=_outcome(part),
        message=_optional_text(part, "message"),
        version=_optional_number(part, "version"),
        entryid=_optional_number(part, "entryid"),
        questionid=_optional_number(part, "questionid"),
        userid=_optional_number(part, "userid"),
    )


def results(answer: Part, keys: Sequence[str], asked: Sequence[str], function: str) -> ListAnswer:
    """The items' answers in the order asked.

    An item without an answer, or an answer nobody asked for, is `NotUnderstood`: a step must never count as done
    because its line went missing.
    """
    found = {item.name: item for item in (_item(part, keys) for part in answer["results"].items())}
    answered = len(answer["results"].items())
    if answered != len(asked) or set(found) != set(asked):
        raise NotUnderstood("moodle.items_differ", function=function, asked=len(asked), answered=answered)
    return ListAnswer(_replayed(answer), tuple(found[name] for name in asked))
