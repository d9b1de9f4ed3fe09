"""PDF from LibreOffice itself, and what is said where there is none."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pypdf
import pytest

from docs_templates import press, samples
from docs_templates.renderer import TemplatePaperMaker
from flask_app.ports.paper import PressFault


def fake(folder: Path, does: str) -> None:
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    program.chmod(0o755)


def test_the_pages_are_those_of_the_paper(maker: TemplatePaperMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    docx = maker.render(samples.protocol(3, None)).content
    pressing = press.Press()
    pdf = pressing.pdf(docx)
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert "ПРОТОКОЛУ" in text
    monkeypatch.setenv("PATH", "/nowhere")
    assert pressing.pdf(docx) == pdf, "the second reader waits for nothing"


def test_without_the_office_suite_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PressFault) as refused:
        press.convert(b"PK")
    assert refused.value.code == "paper.no_converter"


def test_a_converter_that_writes_nothing_is_told_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake(tmp_path, "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PressFault) as refused:
        press.convert(b"PK")
    assert refused.value.code == "paper.not_converted"


def test_a_converter_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake(tmp_path, "/bin/sleep 60")
    monkeypatch.setenv("PATH", str(tmp_path))
    began = time.monotonic()
    with pytest.raises(PressFault) as refused:
        press.convert(b"PK", seconds=0.3)
    assert refused.value.code == "paper.conversion_too_long"
    assert time.monotonic() - began < 20


def test_only_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def convert(docx: bytes) -> bytes:
        asked.append(docx)
        return docx

    monkeypatch.setattr(press, "convert", convert)
    pressing = press.Press()
    for number in range(press.KEPT + 1):
        pressing.pdf(b"%d" % number)
    pressing.pdf(b"%d" % press.KEPT)
    pressing.pdf(b"0")
    assert asked.count(b"0") == 2
    assert asked.count(b"%d" % press.KEPT) == 1
