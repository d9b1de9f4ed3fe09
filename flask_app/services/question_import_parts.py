"""The parts of a spreadsheet file that tell how a sheet looks, for what its values do not say.

Only of a file that `read_workbook` has taken, so that its limits have been kept; each part is read by the same hardened
`read_part`.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from lxml import etree

from flask_app.domain.errors import InvalidInput
from flask_app.store.workbooks import read_part

WORKBOOK: Final = "xl/workbook.xml"
_HARDENED: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
}


@contextmanager
def opened(content: bytes) -> Iterator[zipfile.ZipFile]:
    """The file. Raises `InvalidInput`: WORKBOOK_BROKEN for a part that is no XML, and as `read_part`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            yield package
    except (etree.XMLSyntaxError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as broken:
        raise InvalidInput("WORKBOOK_BROKEN", part=".xlsx") from broken


def pages(package: zipfile.ZipFile, sheets: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The parts of these sheets by their names; a part is one sheet, however often it is named."""
    parts, targets = set(package.namelist()), dict(relations(package, WORKBOOK, ""))
    for sheet in _tree(package, WORKBOOK).iterfind("{*}sheets/{*}sheet"):
        page = targets.get(sheet.xpath("string(@*[local-name()='id'])"), "")
        if sheet.get("name") in sheets and page in parts:
            parts.remove(page)
            yield sheet.get("name"), page


def relations(package: zipfile.ZipFile, part: str, kind: str) -> Iterator[tuple[str, str]]:
    """The relations of a part whose kind ends so: their ids, and the parts of the file they lead to."""
    folder, name = posixpath.split(part)
    listed, parts = f"{folder}/_rels/{name}.rels", set(package.namelist())
    if listed not in parts:
        return
    for link in _tree(package, listed):
        target = posixpath.normpath(posixpath.join("/", folder, link.get("Target") or "")).lstrip("/")
        if (link.get("Type") or "").endswith(kind) and target in parts:
            yield link.get("Id") or "", target


def elements(package: zipfile.ZipFile, part: str, *tags: str) -> Iterator[Any]:
    """The elements of a part one after another; each is gone when the next one comes."""
    text = read_part(package, part)[0]
    for _, element in etree.iterparse(io.BytesIO(text), tag=tags, **_HARDENED):
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _tree(package: zipfile.ZipFile, part: str) -> Any:
    return etree.fromstring(read_part(package, part)[0], etree.XMLParser(**_HARDENED))
