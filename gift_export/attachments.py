"""Files that belong to a question: pictures that Moodle XML carries beside a text, and the same inline in HTML."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

PLACE: Final = "@@PLUGINFILE@@"
"""What Moodle writes into a text where the address of one of its files belongs."""

FILE_NAME_LIMIT: Final = 255
"""Characters of `files.filename` and of `files.filepath`; more make Moodle's database refuse the import."""

_NO_FILE_NAME: Final = re.compile("[\0-\x1f\x7f-\x9f&<>\"`|':\\\\/]")
_REFERENCE: Final = re.compile(r"@@PLUGINFILE@@(/[^\s\"'<>?#)]*+)")
_SIGNATURES: Final[Sequence[tuple[bytes, str]]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
)


class Attachment(NamedTuple):
    """One file. `field` names the text it belongs to: `questiontext`, `answer[0]`, `answer[0].feedback`, …

    `path` begins and ends with a slash, `/` for most files. `content` is the file's bytes.
    """

    field: str
    name: str
    content: bytes
    path: str = "/"

    @property
    def address(self) -> str:
        """What a text says to show the file, without `@@PLUGINFILE@@`: percent-encoded as Moodle's editor does."""
        return quote(self.path + self.name)


def stored_path(path: str) -> str:
    """A path as Moodle stores it: each of its names cleaned, the empty ones gone (`PARAM_PATH`)."""
    names = (stored_name(name) for name in path.replace("\\", "/").split("/"))
    return "".join(f"{name}/" for name in ("", *filter(None, names)))


def stored_name(name: str) -> str:
    """A file name as Moodle stores it: characters taken out (`PARAM_FILE`, `lib/classes/param.php`); "" is refused."""
    cleaned = _NO_FILE_NAME.sub("", name)
    return "" if cleaned in (".", "..") else cleaned


def media_type(content: bytes) -> str | None:
    """The picture's media type by its first bytes; None for anything that is no picture we know."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((found for signature, found in _SIGNATURES if content.startswith(signature)), None)


def references(text: str) -> tuple[str, ...]:
    """The files a text shows: paths with names, decoded, in their order."""
    return tuple(unquote(found) for found in _REFERENCE.findall(text)) if PLACE in text else ()


def inlined(text: str, files: Mapping[str, bytes]) -> tuple[str, tuple[str, ...]]:
    """`text` with its pictures as `data:` addresses, and the files that could not be put in: no picture, or missing.

    `files` maps path and name (`/seal.png`) to content.
    """
    left: list[str] = []

    def address(found: re.Match[str]) -> str:
        wanted = unquote(found.group(1))
        content = files.get(wanted)
        kind = media_type(content) if content is not None else None
        if content is None or kind is None:
            left.append(wanted)
            return found.group()
        return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"

    return (_REFERENCE.sub(address, text), tuple(left)) if PLACE in text else (text, ())


def decode_base64(text: str) -> bytes | None:
    """The bytes of a base64 text with line breaks in it; None where it is none."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
