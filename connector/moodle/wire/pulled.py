"""Answers about people's work, results, completions, progress, as records. Marks stay decimal strings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

from connector.moodle.wire.shape import Part
from flask_app.ports.moodle import (
    CompletionsPage,
    PersonProgress,
    PulledAttempt,
    PulledCompletion,
    PulledResponse,
    ResultsPage,
    TestProgress,
)

CompletionState = Literal["enrolled", "inprogress", "completed"]
COUNTED_STATES = ("notstarted", "inprogress", "overdue", "finished")


@dataclass(frozen=True, slots=True)
class Following:
    """Where the next page begins, and whether there is one."""

    cursor: str
    more: bool


def following(answer: Part) -> Following:
    return Following(answer["cursor"].text(), answer["more"].flag())


def results_page(answer: Part) -> ResultsPage:
    return ResultsPage(
        cursor=answer["cursor"].text(),
        total=answer["total"].whole(),
        attempts=tuple(_attempt(entry) for entry in answer["attempts"].items()),
        servertime=answer["servertime"].moment(),
    )


def _attempt(part: Part) -> PulledAttempt:
    return PulledAttempt(
        attemptid=part["attemptid"].whole(),
        test=part["testidnumber"].name(),
        person=part["useridnumber"].name(),
        attempt=part["attempt"].whole(),
        state=part["state"].name(),
        deleted=part["deleted"].flag(),
        timestart=part["timestart"].moment_or_none(),
        timefinish=part["timefinish"].moment_or_none(),
        timemodified=part["timemodified"].moment(),
        mark=part["mark"].decimal_or_none(),
        maxmark=part["maxmark"].decimal(),
        responses=tuple(_response(entry) for entry in part["responses"].items()),
    )


def _response(part: Part) -> PulledResponse:
    return PulledResponse(
        slot=part["slot"].whole(),
        idnumber=part["idnumber"].text_or_empty(),
        entryid=part["entryid"].whole(),
        questionid=part["questionid"].whole(),
        version=part["version"].whole(),
        state=part["state"].name(),
        mark=part["mark"].decimal_or_none(),
        maxmark=part["maxmark"].decimal(),
        response=part["response"].text_or_empty(),
        rightanswer=part["rightanswer"].text_or_empty(),
        time=part["time"].moment_or_none(),
    )


def completions_page(answer: Part) -> CompletionsPage:
    return CompletionsPage(
        cursor=answer["cursor"].text(),
        total=answer["total"].whole(),
        completions=tuple(_completion(entry) for entry in answer["completions"].items()),
    )


def _completion(part: Part) -> PulledCompletion:
    return PulledCompletion(
        person=part["useridnumber"].name(),
        course=part["courseidnumber"].name(),
        state=cast(CompletionState, part["state"].word(get_args(CompletionState))),
        timecompleted=part["timecompleted"].moment_or_none(),
        grade=part["grade"].decimal_or_none(),
        maxgrade=part["maxgrade"].decimal(),
        activities_done=part["activitiesdone"].whole(),
        activities=part["activities"].whole(),
    )


def progress(answer: Part) -> TestProgress:
    counts = answer["counts"]
    return TestProgress(
        servertime=answer["servertime"].moment(),
        counts={state: counts[state].whole() for state in COUNTED_STATES},
        people=tuple(_person(entry) for entry in answer["people"].items()),
    )


def _person(part: Part) -> PersonProgress:
    return PersonProgress(
        person=part["useridnumber"].name(),
        state=part["state"].name(),
        timestart=part["timestart"].moment_or_none(),
        timeend=part["timeend"].moment_or_none(),
        answered=part["answered"].whole(),
        questions=part["questions"].whole(),
        lastaction=part["lastaction"].moment_or_none(),
    )
