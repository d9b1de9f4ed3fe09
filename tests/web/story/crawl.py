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
    """What an address shows, and who got there. `is_page`: not a file. `problem`: what is wrong with it, or nothing."""

    endpoint: str
    login: str
    address: str
    is_page: bool
    problem: str = ""


def crawl(app: Flask, login: str) -> Iterator[Found]:
    """Everything this person gets to from the first page by links. Every page is held against the law of pages."""
    client = PageClient(app).at_work(login)
    paths = app.url_map.bind("localhost")
    waiting, seen, count = [("/", "")], {"/"}, dict[str, int]()
    while waiting:
        address, source = waiting.pop(0)
        endpoint, arguments = paths.match(urlsplit(address).path, method="GET")
        kind = f"{endpoint} {arguments.get('step') or arguments.get('transition') or ''}"
        count[kind] = count.get(kind, 0) + 1
        if count[kind] > MOST_OF_A_KIND:
            continue
        answer = client.raw_get(address)
        is_page = answer.mimetype == "text/html"
        problem = f"{answer.status}, linked from {source}" if answer.status_code != 200 else ""
        if is_page and not problem:
            page = Page(answer)
            problem = _broken_law(page, paths)
            waiting += [(link, address) for link in _new_links(page, address, seen, paths)]
        yield Found(endpoint, login, address, is_page, problem)


def _broken_law(page: Page, paths: MapAdapter) -> str:
    try:
        check_page(page, paths)
    except AssertionError as broken:
        return str(broken) or "the law of pages"
    return ""


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
