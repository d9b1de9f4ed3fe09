"""Pulling what people have done, page by page: one page in memory, whatever the size of the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from connector.moodle.client import MoodleClient
from flask_app.domain.errors import NotUnderstood
from flask_app.ports.moodle import CompletionsPage, ResultsPage

ATTEMPTS_PER_PAGE = 100  # with 100 questions each about 2 MB of answers
COMPLETIONS_PER_PAGE = 500


class _Page(Protocol):
    @property
    def cursor(self) -> str: ...


P = TypeVar("P", bound=_Page)


def result_pages(client: MoodleClient, tests: Sequence[str], cursor: str, limit: int) -> Iterator[ResultsPage]:
    """Every finished, regraded or deleted attempt of `tests` since `cursor`, with every response.

    The last page may be empty; its cursor is where the next pull starts. No tests, no pages: an empty list would mean
    every test of the site.
    """
    if tests:
        size = min(limit, ATTEMPTS_PER_PAGE)
        yield from _pages(lambda at: client.get_results(tests, at, size), cursor, "get_results")


def completion_pages(
    client: MoodleClient, courses: Sequence[str], cursor: str, limit: int
) -> Iterator[CompletionsPage]:
    """Where everybody stands in `courses`, as far as it changed since `cursor`."""
    if courses:
        size = min(limit, COMPLETIONS_PER_PAGE)
        yield from _pages(lambda at: client.get_completions(courses, at, size), cursor, "get_completions")


def _pages(read: Callable[[str], tuple[P, bool]], cursor: str, function: str) -> Iterator[P]:
    while True:
        page, more = read(cursor)
        if more and page.cursor == cursor:
            raise NotUnderstood("moodle.cursor_stuck", function=function)
        yield page
        if not more:
            return
        cursor = page.cursor
