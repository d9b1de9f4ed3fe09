"""A client that checks every page it is given: what no page may ever be without is asserted on each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

from tests.web.town import PASSWORD

HANDLER = re.compile(r"on[a-z]+$")
CONTROLS = ("input", "select", "textarea")


def parse(html: str) -> Element:
    """The page as a tree; anything a browser would have to repair is an error."""
    tree: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    return tree


def text_of(element: Element) -> str:
    """What a person reads: without soft hyphens, blocks apart, spaces joined."""
    return " ".join("".join(_parts(element)).replace("\u00ad", "").replace("\u00a0", " ").split())


INLINE = frozenset({"a", "strong", "svg", "use", "label", "button"})
BLOCK_SPANS = ("kz-left", "kz-rule", "kz-state", "kz-rows__end", "kz-why", "kz-due__d")


def _parts(element: Element) -> Iterator[str]:
    apart = element.tag not in INLINE and (element.tag != "span" or element.get("class", "").startswith(BLOCK_SPANS))
    yield " " if apart else ""
    yield element.text or ""
    for child in element:
        yield from _parts(child)
        yield child.tail or ""
    yield " " if apart else ""


@dataclass
class Page:
    """An answer that is a page, parsed."""

    response: TestResponse
    tree: Element = field(init=False)

    def __post_init__(self) -> None:
        self.tree = parse(self.response.get_data(as_text=True))

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        body = self.tree.find("body")
        assert body is not None
        return text_of(body)

    @property
    def heading(self) -> str:
        return text_of(self.all("h1")[0])

    @property
    def language(self) -> str:
        return self.tree.get("lang", "")

    def all(self, tag: str, **attributes: str) -> list[Element]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [e for e in self.tree.iter(tag) if all(e.get(name) == value for name, value in wanted.items())]

    def links(self) -> list[str]:
        return [link.get("href", "") for link in self.tree.iter("a")]

    def rows(self) -> list[str]:
        """The rows of all table bodies, as text."""
        return [text_of(row) for body in self.tree.iter("tbody") for row in body.iter("tr")]


def check_page(page: Page, known_paths: Any) -> None:
    """The law of every page."""
    _check_headings(page)
    _check_ids_and_references(page)
    _check_addresses(page)
    _check_controls(page)
    _check_forms(page, known_paths)
    _check_policy(page)
    _check_tables(page)


def _check_headings(page: Page) -> None:
    assert page.language in ("ky", "ru", "en", "kk"), page.language
    assert len(page.all("h1")) == 1, "one h1"
    title = text_of(page.all("title")[0])
    assert title == f"{page.heading} – Kyzmat", title
    assert page.heading, "an empty h1"


def _check_ids_and_references(page: Page) -> None:
    ids = [e.get("id", "") for e in page.tree.iter() if isinstance(e.tag, str) and e.get("id") is not None]
    assert len(ids) == len(set(ids)), f"an id stands twice: {[i for i in ids if ids.count(i) > 1]}"
    assert all(ids), "an empty id"
    for element in page.tree.iter():
        for name in ("aria-labelledby", "aria-describedby", "for"):
            for wanted in (element.get(name) or "").split():
                assert wanted in ids, f"{name}={wanted} points nowhere"
        target = element.get("href", "")
        if element.tag in ("a", "use") and target.startswith("#"):
            assert target[1:] in ids, f"{target} points nowhere"


def _check_addresses(page: Page) -> None:
    """No address was put together from a name that means something else in its template."""
    for element in page.tree.iter():
        for name in ("href", "src", "action"):
            assert "Macro" not in element.get(name, ""), f"{name}={element.get(name)}"


def _check_controls(page: Page) -> None:
    labelled = {label.get("for") for label in page.all("label")}
    for tag in CONTROLS:
        for control in page.all(tag):
            if control.get("type") != "hidden":
                assert control.get("id") in labelled or control.get("aria-label"), f"no label: {control.attrib}"
    for tag in ("a", "button"):
        for element in page.all(tag):
            assert text_of(element) or element.get("aria-label"), f"no name: {tag} {element.attrib}"


def _check_forms(page: Page, known_paths: Any) -> None:
    for form in page.all("form"):
        action, method = form.get("action", ""), form.get("method", "get").upper()
        assert action, "a form without an action"
        known_paths.match(urlsplit(action).path, method=method)
        fields = {e.get("name"): e.get("value") for e in form.iter("input")}
        if method == "POST":
            assert fields.get("form_token"), f"{action}: no token"
        else:
            assert "form_token" not in fields, f"{action}: the token would stand in an address"


def _check_policy(page: Page) -> None:
    policy = page.response.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce, policy
    assert "unsafe" not in policy
    for element in page.tree.iter():
        attributes = set(element.attrib)
        assert "style" not in attributes, f"inline style on {element.tag}"
        assert not [name for name in attributes if HANDLER.match(name)], f"handler on {element.tag}"
        assert not element.get("href", "").startswith("javascript:")
    assert not page.all("style"), "a style block"
    for script in page.all("script"):
        assert script.get("nonce") == nonce[1], "a script without this page's nonce"


def _check_tables(page: Page) -> None:
    for table in page.all("table"):
        assert table.find("caption") is not None, "a table without a caption"
        stacked = "kz-table--stack" in table.get("class", "")
        for cell in table.iter("td"):
            assert not stacked or cell.get("data-label"), "a cell that cannot name itself on a phone"


class PageClient:
    """Follows nothing by itself; `get` and `post` give a checked page, `raw_…` the bare answer."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.browser = app.test_client()
        self._paths = app.url_map.bind("localhost")

    def get(self, path: str, status: int = 200) -> Page:
        return self._checked(self.browser.get(path), status)

    def post(self, path: str, data: Mapping[str, str | list[str]], status: int) -> Page:
        return self._checked(self.browser.post(path, data=data), status)

    def raw_get(self, path: str, **more: Any) -> TestResponse:
        return self.browser.get(path, **more)

    def _checked(self, response: TestResponse, status: int) -> Page:
        assert response.status_code == status, (response.status_code, response.headers.get("Location"))
        assert response.mimetype == "text/html", response.mimetype
        page = Page(response)
        check_page(page, self._paths)
        return page

    def token(self, path: str = "/login") -> str:
        page = self.get(path)
        return next(e.get("value", "") for e in page.all("input", name="form_token"))

    def log_in(self, login: str, password: str = PASSWORD, target: str = "/") -> TestResponse:
        """Log in by the form; returns the bare answer."""
        data = {"login": login, "password": password, "next": target, "form_token": self.token()}
        return self.browser.post("/login", data=data)

    def at_work(self, login: str) -> PageClient:
        """The same browser, logged in; fails when that did not work."""
        answer = self.log_in(login)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return self
