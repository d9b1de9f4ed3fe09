"""Which pages there are and who gets to them: every link of every page is followed, by people of every role.

What no link leads to, nobody finds; what is linked must open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from tests.web.client import Page, PageClient, check_page

ROLES = ("secretary", "hr", "member", "head", "training", "bank", "auditor", "operator", "admin")
MOST_OF_A_KIND = 2
"""Addresses of one route that one person follows: the second competition of a list opens as the first does."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an address shows, and who got there. `is_page`: not a file."""

    endpoint: str
    login: str
    address: str
    is_page: bool


def crawl(app: Flask, login: str) -> Iterator[Found]:
    """Everything this person gets to from the first page by links. Every page is held against the law of pages."""
    client = PageClient(app).at_work(login)
    paths = app.url_map.bind("localhost")
    waiting, seen, count = [("/", "")], {"/"}, dict[str, int]()
    while waiting:
        address, source = waiting.pop(0)
        endpoint, arguments = paths.match(urlsplit(address).path, method="GET")
        kind = f"{endpoint} {arguments.get('step') or arguments.get('transition') or ''}"
        if count.get(kind, 0) >= MOST_OF_A_KIND:
            continue
        count[kind] = count.get(kind, 0) + 1
        answer = client.raw_get(address)
        assert answer.status_code == 200, (login, address, answer.status_code, f"linked from {source}")
        yield Found(endpoint, login, address, answer.mimetype == "text/html")
        if answer.mimetype == "text/html":
            page = Page(answer)
            try:
                check_page(page, paths)
            except AssertionError as problem:
                problem.add_note(f"{login}: {address}")
                raise
            waiting += [(link, address) for link in _new_links(page, address, seen, paths)]


def _new_links(page: Page, address: str, seen: set[str], paths: MapAdapter) -> Iterator[str]:
    for href in page.links():
        target = urljoin(address, href.partition("#")[0])
        parts = urlsplit(target)
        if parts.scheme or parts.netloc or target in seen or "lang=" in parts.query or not _is_page(paths, parts.path):
            continue
        seen.add(target)
        yield target


def _is_page(paths: MapAdapter, path: str) -> bool:
    try:
        paths.match(path, method="GET")
    except HTTPException as problem:
        raise AssertionError(f"a link that no route takes: {path}") from problem
    return True
