"""Reads a printed paper back: text by language part, tables, properties."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Mapping

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
DC = "{http://purl.org/dc/elements/1.1/}"
CP = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"


class Paper:
    """A DOCX file as a reader sees it. The Russian part, if any, begins where a letterhead begins a page."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            assert file.testzip() is None
            self.members: Mapping[str, bytes] = {name: file.read(name) for name in file.namelist()}
        self.root = etree.fromstring(self.members["word/document.xml"])
        body = self.root.find(f"{W}body")
        assert body is not None
        self.blocks = list(body)
        turn = next((place for place, block in enumerate(self.blocks) if _begins_a_part(block)), len(self.blocks))
        self.parts = {"ky": self.blocks[:turn], "ru": self.blocks[turn:]}

    def paragraphs(self, language: str) -> list[str]:
        """The text of every paragraph of a part, in order, those of table cells too; no-break spaces as spaces."""
        found = []
        for block in self.parts[language]:
            for paragraph in block.iter(f"{W}p"):
                text = "".join(node.text or "" for node in paragraph.iter(f"{W}t"))
                found.append(text.replace("\u00a0", " "))
        return found

    def text(self, language: str) -> str:
        return "\n".join(self.paragraphs(language))

    def tables(self, language: str) -> list[list[list[str]]]:
        """Table, row, cell."""
        return [
            [
                [
                    "".join(node.text or "" for node in cell.iter(f"{W}t")).replace("\u00a0", " ")
                    for cell in row.iter(f"{W}tc")
                ]
                for row in block.iter(f"{W}tr")
            ]
            for block in self.parts[language]
            if block.tag == f"{W}tbl"
        ]

    def table(self, language: str, heading: str) -> list[list[str]]:
        """The rows of the one table whose header row holds `heading`."""
        (found,) = [table for table in self.tables(language) if heading in table[0]]
        return found

    def edge(self, name: str) -> str:
        root = etree.fromstring(self.members[f"word/{name}.xml"])
        return "".join(node.text or "" for node in root.iter(f"{W}t"))

    def core(self, tag: str) -> str:
        found = etree.fromstring(self.members["docProps/core.xml"]).find(tag)
        assert found is not None
        return found.text or ""

    def broken_links(self) -> list[str]:
        """Relationship targets that are no member."""
        broken = []
        for name, content in self.members.items():
            if name.endswith(".rels"):
                folder = posixpath.dirname(posixpath.dirname(name))
                for link in etree.fromstring(content).iter(RELATIONSHIP):
                    target = posixpath.normpath(posixpath.join(folder, link.get("Target", "")))
                    if target not in self.members:
                        broken.append(target)
        return broken


def _begins_a_part(block: etree._Element) -> bool:
    style = block.find(f"{W}pPr/{W}pStyle")
    new_page = block.find(f"{W}pPr/{W}pageBreakBefore") is not None
    return new_page and style is not None and style.get(f"{W}val") == "Letterhead"
