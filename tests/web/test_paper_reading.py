"""A version of a paper on the screen: its text, what changed, its pages."""

from __future__ import annotations

import io

import pypdf
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from docs_templates import samples
from flask_app.store.models.audit import AuditEvent
from tests.web.client import PageClient
from tests.web.town import Town


def test_the_text_of_a_version_stands_on_its_page(client: PageClient, here: Town) -> None:
    page = client.at_work("secretary").get(f"/papers/{here.protocol}/versions/1")
    sheet = next(e for e in page.all("article") if "kz-sheet" in e.get("class", ""))
    said = " ".join("".join(sheet.itertext()).split())
    assert "КОНКУРСТУК КОМИССИЯНЫН ЖЫЙЫНЫНЫН ПРОТОКОЛУ" in said
    assert "ПРОТОКОЛ ЗАСЕДАНИЯ КОНКУРСНОЙ КОМИССИИ" in said
    assert {e.get("lang") for e in sheet.iter() if e.get("lang")} == {"ky", "ru"}
    assert "Это первая версия." in page.text


def test_reading_is_written_into_the_log(
    client: PageClient, here: Town, session_factory: sessionmaker[Session]
) -> None:
    client.at_work("secretary")
    for ending in ("", ".pdf", ".docx"):
        assert client.raw_get(f"/papers/{here.protocol}/versions/1{ending}").status_code == 200
    with session_factory() as session:
        found = session.scalars(select(AuditEvent.after).where(AuditEvent.action == "document.opened"))
        assert sorted(after["shown_as"] for after in found if after) == ["docx", "page", "pdf"]


def test_the_pages_are_a_pdf(client: PageClient, here: Town) -> None:
    answer = client.at_work("auditor").raw_get(f"/papers/{here.protocol}/versions/1.pdf")
    assert answer.mimetype == "application/pdf"
    assert "inline" in answer.headers["Content-Disposition"]
    assert len(pypdf.PdfReader(io.BytesIO(answer.data)).pages) >= 2


def test_without_an_office_suite_the_page_says_so(
    client: PageClient, here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("docs_templates.press.Press.pdf", _unkept)
    page = client.at_work("auditor").get(f"/papers/{here.protocol}/versions/1.pdf", 503)
    assert "LibreOffice" in page.text


def _unkept(_press: object, docx: bytes) -> bytes:
    from docs_templates.press import convert

    return convert(docx)


def test_what_changed_against_the_version_before(client: PageClient, here: Town) -> None:
    """The second version of the protocol is about one candidate more."""
    page = client.at_work("secretary").get(f"/papers/{here.protocol}/versions/2")
    assert "По сравнению с версией 1" in page.text
    came = [" ".join("".join(e.itertext()).split()) for e in page.all("ins")]
    old, new = (samples.protocol(count).votes for count in (3, 4))
    (joined,) = {line.name for line in new} - {line.name for line in old}
    assert [line for line in came if joined in line]
