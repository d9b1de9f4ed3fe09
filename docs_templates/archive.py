"""A DOCX is a zip: reads one with a guard against bombs, writes one fast and always the same.

Members that no document changes are kept compressed and copied as they are; the standard library cannot write those,
so the few records of the format are packed here (PKWARE APPNOTE 4.3.7, 4.3.12, 4.3.16).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from flask_app.ports.paper import TemplateFault

MAX_MEMBERS = 200
MAX_MEMBER_BYTES = 20 * 2**20
MAX_TOTAL_BYTES = 40 * 2**20
MAX_RATIO = 100  # Word's own XML deflates about 10:1; 234 KiB that unpack to 200 MiB are no letter
TINY = 2 * 2**10  # setting up the compressor costs more than it saves
SMALL = 64 * 2**10  # below this a high ratio harms nobody

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _UTF8, _STORED, _DEFLATED = 20, 0x800, 0, 8
_TIME, _DATE = 0, 0x21  # 1980-01-01 00:00, the zero of the format: no clock in a paper


@dataclass(frozen=True, slots=True)
class Member:
    """One member: name, method (8 deflated, 0 stored), CRC-32 and size of the plain bytes, the bytes as written."""

    name: bytes
    method: int
    crc: int
    size: int
    packed: bytes


def pack(name: str, content: bytes) -> Member:
    """Deflates at level 3: half the time of the usual 6, a fifth more bytes. What is tiny is stored."""
    if len(content) < TINY:
        return Member(name.encode(), _STORED, zlib.crc32(content), len(content), content)
    squeeze = zlib.compressobj(3, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = squeeze.compress(content) + squeeze.flush()
    return Member(name.encode(), _DEFLATED, zlib.crc32(content), len(content), packed)


def write(members: Iterable[Member]) -> bytes:
    """The zip file: members in the given order, times fixed."""
    body, directory, offset, count = [], [], 0, 0
    for member in members:
        shared = (_UTF8, member.method, _TIME, _DATE, member.crc, len(member.packed), member.size, len(member.name), 0)
        local = _LOCAL.pack(b"PK\x03\x04", _VERSION, *shared)
        body += [local, member.name, member.packed]
        directory += [_CENTRAL.pack(b"PK\x01\x02", _VERSION, _VERSION, *shared, 0, 0, 0, 0, offset), member.name]
        offset += len(local) + len(member.name) + len(member.packed)
        count += 1
    index = b"".join(directory)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(index), offset, 0)
    return b"".join((*body, index, end))


def read(content: bytes) -> dict[str, bytes]:
    """Name -> plain bytes. Raises `TemplateFault` for what is no zip, is damaged, or would unpack too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            _guard(file.infolist())
            return {entry.filename: file.read(entry) for entry in file.infolist() if not entry.is_dir()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise TemplateFault("TEMPLATE_NOT_A_ZIP", reason=str(error)) from error


def _guard(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_MEMBERS:
        raise TemplateFault("TEMPLATE_TOO_MANY_MEMBERS", members=len(entries), allowed=MAX_MEMBERS)
    total = sum(entry.file_size for entry in entries)
    if total > MAX_TOTAL_BYTES:
        raise TemplateFault("TEMPLATE_TOO_LARGE", member="*", size=total, allowed=MAX_TOTAL_BYTES)
    if len({entry.filename for entry in entries}) != len(entries):
        raise TemplateFault("TEMPLATE_NOT_A_ZIP", reason="two members of one name")
    for entry in entries:
        _guard_member(entry)


def _guard_member(entry: zipfile.ZipInfo) -> None:
    """The standard library reads no more than the declared size, so the declaration can be judged."""
    if entry.file_size > MAX_MEMBER_BYTES:
        raise TemplateFault("TEMPLATE_TOO_LARGE", member=entry.filename, size=entry.file_size, allowed=MAX_MEMBER_BYTES)
    if entry.file_size > SMALL and entry.file_size > MAX_RATIO * entry.compress_size:
        raise TemplateFault("TEMPLATE_RATIO", member=entry.filename, packed=entry.compress_size, size=entry.file_size)
    if entry.filename.startswith("/") or ".." in entry.filename.split("/"):
        raise TemplateFault("TEMPLATE_NOT_A_ZIP", reason=f"member name {entry.filename!r}")
