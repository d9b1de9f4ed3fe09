"""Pulling what people have done, page by page: one page in memory, whatever the size of the session."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from connector.moodle.client import MoodleClient
from connector.moodle.errors import too_much
from connector.moodle.pace import Pace, Paces
from flask_app.domain.errors import NotUnderstood, OutsideError
from flask_app.ports.moodle import CompletionsPage, ResultsPage

ATTEMPTS_PER_PAGE = 100  # with 100 questions each about 2 MB of answers
COMPLETIONS_PER_PAGE = 500


class _Page(Protocol):
    @property
    def cursor(self) -> str: ...


P = TypeVar("P", bound=_Page)


def result_pages(
    client: MoodleClient, tests: Sequence[str], cursor: str, limit: int, paces: Paces | None = None
) -> Iterator[ResultsPage]:
    """Every finished, regraded or deleted attempt of `tests` since `cursor`, with every response.

    The last page may be empty; its cursor is where the next pull starts. No tests, no pages: an empty list would mean
    every test of the site.
    """
    if tests:
        pace = (paces or Paces()).of("get_results", min(limit, ATTEMPTS_PER_PAGE))
        yield from _pages(lambda at, size: client.get_results(tests, at, size), cursor, "get_results", pace)


def completion_pages(
    client: MoodleClient, courses: Sequence[str], cursor: str, limit: int, paces: Paces | None = None
) -> Iterator[CompletionsPage]:
    """Where everybody stands in `courses`, as far as it changed since `cursor`."""
    if courses:
        pace = (paces or Paces()).of("get_completions", min(limit, COMPLETIONS_PER_PAGE))
        yield from _pages(lambda at, size: client.get_completions(courses, at, size), cursor, "get_completions", pace)


def _pages(read: Callable[[str, int], tuple[P, bool]], cursor: str, function: str, pace: Pace) -> Iterator[P]:
    """`read(cursor, size)` gives a page and whether another follows; a page the site cannot bear is asked smaller."""
    while True:
        size, begun = pace.size, time.monotonic()
        try:
            page, more = read(cursor, size)
        except OutsideError as error:
            if size == 1 or not too_much(error):
                raise
            pace.too_much(size)
            continue
        pace.went_well(size, time.monotonic() - begun)
        if more and page.cursor == cursor:
            raise NotUnderstood("moodle.cursor_stuck", function=function)
        yield page
        if not more:
            return
        cursor = page.cursor
