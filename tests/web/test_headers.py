"""What every answer carries, and what the styles may not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import flask_app.web
from tests.web.client import PageClient
from tests.web.town import Town

STATIC = Path(flask_app.web.__file__).parent / "static"
TEMPLATES = Path(flask_app.web.__file__).parent / "templates"


def test_the_policy_is_strict_and_its_nonce_is_new_each_time(client: PageClient) -> None:
    policies = [client.get("/login").response.headers["Content-Security-Policy"] for _ in range(2)]
    assert policies[0] != policies[1]
    for policy in policies:
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "*" not in policy
        assert "frame-ancestors 'none'" in policy


def test_pages_are_not_kept_by_anybody(client: PageClient, here: Town) -> None:
    client.at_work("hr")
    for path in ("/", f"/papers/{here.protocol}", f"/papers/{here.protocol}/versions/1.docx"):
        headers = client.raw_get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("name", ["kyzmat.css", "govuk-frontend-6.3.0.min.css", "kyzmat.svg"])
def test_styles_are_served_to_guests_and_kept(client: PageClient, name: str) -> None:
    with client.raw_get(f"/static/{name}") as answer:
        assert answer.status_code == 200
        assert "max-age=3600" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers


def test_no_licensed_face_and_nothing_from_elsewhere_in_the_styles() -> None:
    for file in STATIC.glob("*.css"):
        css = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert "@font-face" not in css, file.name
        assert "sourceMappingURL" not in css, file.name
        assert not re.findall(r"url\((?!data:|/assets/images/)", css), file.name
        assert "@import" not in css, file.name


def test_the_licence_lies_beside_the_styles() -> None:
    assert "MIT License" in (STATIC / "govuk-frontend-LICENSE.txt").read_text(encoding="utf-8")


def test_templates_say_no_sentence_of_their_own() -> None:
    """Every word comes from the catalogue: no Cyrillic in a template."""
    for file in TEMPLATES.rglob("*.html"):
        source = re.sub(r"\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.findall(r"[А-Яа-яЁёӨөҮүҢң]{2,}", source), file.name


def test_templates_mark_nothing_as_safe() -> None:
    for file in TEMPLATES.rglob("*.html"):
        source = file.read_text(encoding="utf-8")
        assert "| safe" not in source, file.name
        assert "autoescape false" not in source, file.name


def test_health_tells_nothing(client: PageClient) -> None:
    answer = client.raw_get("/health")
    assert (answer.data, answer.mimetype) == (b"ok\n", "text/plain")
