"""Where a page leads: its links, and its forms that only ask – sent as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from lxml import html

LINK = re.compile(r'<a\b[^>]*?\shref="([^"#]+)', re.DOTALL)
ASKING = re.compile(r'<form\b[^>]*\smethod="get"', re.DOTALL)


def links_of(url: str, page: str) -> Iterator[str]:
    """Where the page leads inside the panel; the switch of languages is not a page."""
    for target in (*map(unescape, LINK.findall(page)), *_questions(page)):
        path = path_of(url, target)
        if path.startswith("/") and "lang=" not in path:
            yield path


def _questions(page: str) -> Iterator[str]:
    """The addresses of the forms that change nothing, with what is filled in and ticked already."""
    if not ASKING.search(page):
        return
    document: Any = html.document_fromstring(page)  # the stubs of lxml know of no forms
    for form in document.forms:
        if form.method == "GET" and form.action:
            yield f"{form.action}?{urlencode(form.form_values())}"


def path_of(url: str, target: str) -> str:
    """The address inside the panel; empty for one outside of it."""
    whole = urlsplit(urljoin(f"http://localhost{url}", target))
    if whole.netloc not in ("localhost", ""):
        return ""
    return whole.path + (f"?{whole.query}" if whole.query else "")
