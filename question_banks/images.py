"""Can a picture inside a question be shown? Looks at the bytes: kind, size in pixels, and whether they are whole."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
LARGEST_SIDE: Final = 20_000
"""More pixels a side no exam page shows; a header that promises them is damaged or hostile."""


class Picture(NamedTuple):
    """A readable picture. `kind` as in a media type (`png`), sides in pixels."""

    kind: str
    width: int
    height: int


class UnreadablePicture(ValueError):
    """`reason`: base64, kind, damaged, cut, size."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def from_data_address(address: str) -> Picture:
    """The picture of `data:image/png;base64,…`. Raises `UnreadablePicture`."""
    head, comma, body = address.partition(",")
    if not comma or not head.lower().startswith("data:image/") or not head.lower().endswith(";base64"):
        raise UnreadablePicture("kind")
    try:
        data = base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadablePicture("base64") from error
    return look(data)


def look(data: bytes) -> Picture:
    """The picture these bytes are. Raises `UnreadablePicture`."""
    for head, reader in _READERS:
        if data.startswith(head):
            try:
                picture = reader(data)
            except (struct.error, IndexError) as error:
                raise UnreadablePicture("cut") from error
            if not (0 < picture.width <= LARGEST_SIDE and 0 < picture.height <= LARGEST_SIDE):
                raise UnreadablePicture("size")
            return picture
    raise UnreadablePicture("kind")


def _png(data: bytes) -> Picture:
    """All chunks with their checksums, from IHDR to IEND (PNG specification, 5.3)."""
    place, size = len(PNG_HEAD), (0, 0)
    while True:
        (length,) = struct.unpack_from(">I", data, place)
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        (told,) = struct.unpack_from(">I", data, place + 8 + length)
        if zlib.crc32(kind + body) != told:
            raise UnreadablePicture("damaged")
        if kind == b"IHDR":
            size = struct.unpack_from(">II", body)
        if kind == b"IEND":
            return Picture("png", *size)
        place += 12 + length


def _gif(data: bytes) -> Picture:
    if not data.rstrip(b"\x00").endswith(b"\x3b"):
        raise UnreadablePicture("cut")
    return Picture("gif", *struct.unpack_from("<HH", data, 6))


_NO_SIZE: Final = frozenset({0xC4, 0xC8, 0xCC})


def _jpeg(data: bytes) -> Picture:
    """The first start-of-frame segment (ITU T.81, B.2.2); the end marker must be there."""
    if b"\xff\xd9" not in data[-64:]:
        raise UnreadablePicture("cut")
    place = 2
    while True:
        if data[place] != 0xFF:
            raise UnreadablePicture("damaged")
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in _NO_SIZE:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return Picture("jpeg", width, height)
        place += 2 + int(struct.unpack_from(">H", data, place + 2)[0])


def _webp(data: bytes) -> Picture:
    (promised,) = struct.unpack_from("<I", data, 4)
    if data[8:12] != b"WEBP":
        raise UnreadablePicture("kind")
    if len(data) < promised + 8:
        raise UnreadablePicture("cut")
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Picture("webp", width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Picture("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X":
        sides = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return Picture("webp", *sides)
    raise UnreadablePicture("kind")


_READERS: Final[tuple[tuple[bytes, Callable[[bytes], Picture]], ...]] = (
    (PNG_HEAD, _png),
    (b"GIF8", _gif),
    (b"\xff\xd8", _jpeg),
    (b"RIFF", _webp),
)
