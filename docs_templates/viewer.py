"""The port `PaperViewer`: a paper as text for a page, and as PDF."""

from __future__ import annotations

from docs_templates.press import Press
from docs_templates.sheet import read_sheet
from flask_app.ports.sheet import Sheet


class DocxViewer:
    """Reads DOCX itself; PDF is pressed by LibreOffice where it is installed."""

    def __init__(self) -> None:
        self._press = Press()

    def sheet(self, docx: bytes) -> Sheet:
        return read_sheet(docx)

    def pdf(self, docx: bytes) -> bytes:
        return self._press.pdf(docx)
