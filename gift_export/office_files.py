"""Office files (XLSX, DOCX) are zip archives of XML: what is looked at before any library opens one.

An archive of a few kilobytes can unpack to gigabytes, and a part of it can declare entities; both are refused by what
the archive says of itself, and by a count while unpacking, since an archive may lie.
"""

from __future__ import annotations

import io
import zipfile
from typing import Final

from gift_export.problems import Problem, problem

FILE_LIMIT: Final = 50_000_000
"""Bytes of the file itself."""
UNPACKED_LIMIT: Final = 200_000_000
"""Bytes of all parts together."""
PARTS_LIMIT: Final = 2_000
RATIO_LIMIT: Final = 200
"""How many times a part may be smaller when packed; running text packs to a tenth."""
_SMALL: Final = 1_000_000
_PIECE: Final = 1 << 20
_DECLARATIONS: Final = (b"<!DOCTYPE", b"<!ENTITY")


def check_archive(data: bytes, needed: str) -> Problem | None:
    """Why `data` is not opened, None where it may be. `needed` is a part every such file has."""
    if len(data) > FILE_LIMIT:
        return problem("E_OFFICE_SIZE", 0, 0, limit=FILE_LIMIT // 1_000_000)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _check(archive, needed)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return problem("E_OFFICE_FILE", 0, 0)


def _check(archive: zipfile.ZipFile, needed: str) -> Problem | None:
    parts = archive.infolist()
    if needed not in archive.namelist():
        return problem("E_OFFICE_FILE", 0, 0)
    if len(parts) > PARTS_LIMIT or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
        return problem("E_OFFICE_SIZE", 0, 0, limit=UNPACKED_LIMIT // 1_000_000)
    total = 0
    for part in parts:
        if part.file_size > _SMALL and part.file_size > RATIO_LIMIT * max(1, part.compress_size):
            return problem("E_OFFICE_SIZE", 0, 0, limit=UNPACKED_LIMIT // 1_000_000)
        head = b""
        with archive.open(part) as stream:
            while piece := stream.read(_PIECE):
                total += len(piece)
                if total > UNPACKED_LIMIT:
                    return problem("E_OFFICE_SIZE", 0, 0, limit=UNPACKED_LIMIT // 1_000_000)
                if _is_xml(part.filename) and any(mark in head + piece for mark in _DECLARATIONS):
                    return problem("E_OFFICE_ENTITY", 0, 0, text=part.filename[:60])
                head = piece[-16:]
    return None


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))
