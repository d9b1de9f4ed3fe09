"""What comes in from a browser, made harmless before anything is done with it."""

from __future__ import annotations

from collections.abc import Container
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

LONGEST = 200
LAST_PAGE = 1_000_000


def text_of(sent: MultiDict[str, str], name: str, longest: int = LONGEST) -> str:
    """One line of text: no control characters (the database takes no NUL), outer spaces cut, not endless."""
    return "".join(sign for sign in sent.get(name, "") if sign.isprintable()).strip()[:longest]


def page_of(sent: MultiDict[str, str]) -> int:
    """The page asked for; anything that is no number from 1 on is the first."""
    asked = sent.get("page", "1")
    return max(1, min(int(asked), LAST_PAGE)) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else 1


def choice_of(sent: MultiDict[str, str], name: str, known: Container[str]) -> str:
    """One of the known values, or none."""
    asked = sent.get(name, "")
    return asked if asked in known else ""


def way_back(target: str) -> str:
    """A place inside this site to go on to; anything else is the first page. `//host` and `/\\host` are other sites."""
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if inside and not parts.scheme and not parts.netloc else "/"
