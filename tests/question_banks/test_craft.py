"""Clues, unsafe markup and pictures: each rule on what it must say and what it must leave alone."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_banks.images import Picture, UnreadablePicture, from_data_address, look
from tests.question_banks.building import NUMERALS, codes, findings, question


@pytest.mark.parametrize(
    ("language", "option"),
    [
        ("ru", "все перечисленное"),
        ("ru", "Всё вышеперечисленное."),
        ("ru", "все ответы верны"),
        ("ru", "все вышеуказанные варианты"),
        ("ru", "ни один из перечисленных ответов"),
        ("ru", "правильного ответа нет"),
        ("ru", "верны оба ответа"),
        ("ru", "а) и б) верны"),
        ("ky", "жогорудагылардын баары"),
        ("ky", "Бардык жооптор туура"),
        ("ky", "туура жооп жок"),
        ("ky", "аталгандардын эч бири"),
        ("kk", "жоғарыда аталғандардың барлығы"),
        ("kk", "дұрыс жауап жоқ"),
        ("en", "all of the above"),
        ("en", "none of these"),
    ],
)
def test_an_option_that_stands_for_all(language: str, option: str) -> None:
    options = (*NUMERALS[:4], option)
    assert codes({language: [question(language=language, options=options, text="сан")]}) == ["BANK_OPTION_ALL"]


@pytest.mark.parametrize(
    "option",
    [
        "все граждане, достигшие 18 лет",
        "все перечисленные в статье 5 органы",
        "никто не вправе отменить решение",
        "оба родителя",
        "бардык жарандар",
        "баары макул болгондо",
        "ответ даётся в течение 14 дней",
        "не перечисленное в законе",
    ],
)
def test_an_option_about_all_of_something_is_sound(option: str) -> None:
    assert "BANK_OPTION_ALL" not in codes({"ru": [question(language="ru", options=(*NUMERALS[:4], option))]})


def test_a_key_that_sticks_out() -> None:
    long = "решение принимает руководитель органа по представлению комиссии"
    (found,) = findings({"ru": [question(language="ru", options=(long, *NUMERALS[1:]))]})
    assert (found.code, found.params["n"], found.params["longest"]) == ("BANK_KEY_STANDS_OUT", len(long), 4)
    assert codes({"ru": [question(language="ru", options=(long, *NUMERALS[1:]), key=2)]}) == []
    assert codes({"ru": [question(language="ru", options=(long, f"{long} совета", *NUMERALS[2:]))]}) == []


UNSAFE = [
    "<script>fetch('/')</script>",
    "<SCRIPT src=//x></SCRIPT>",
    "<img src=x onerror=alert(1) alt=x>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='data:text/html,x'>x</a>",
    "<iframe src='https://x'></iframe>",
    "<form action='/'><input></form>",
    "<object data='x'></object>",
    "<svg onload=1></svg>",
    "<p style='background:url(https://x)'>x</p>",
    "<base href='https://x'>",
    "<meta http-equiv=refresh content=0>",
    "<link rel=stylesheet href=x>",
    "<![weird[x]]>",
    "<?php x ?>",
]


@pytest.mark.parametrize("text", UNSAFE)
def test_markup_that_runs_loads_or_sends(text: str) -> None:
    assert "BANK_HTML_UNSAFE" in codes({"en": [question(language="en", text=text)]})
    inside = question(language="en", text="x", options=(text, *NUMERALS[1:]))
    assert "BANK_HTML_UNSAFE" in codes({"en": [inside]})


@pytest.mark.parametrize(
    "text",
    [
        "<p>Что <strong>это</strong>?</p><ul><li>раз</li></ul>",
        "<table><tr><td style='text-align:right'>1</td></tr></table>",
        "<a href='https://example.org/a?b=c:d'>акт</a>",
        "2 < 3 и 5 > 4",
        "x<sub>2</sub>&nbsp;<math><mi>x</mi></math>",
    ],
)
def test_sound_markup(text: str) -> None:
    assert "BANK_HTML_UNSAFE" not in codes({"ru": [question(language="ru", text=text)]})


def test_a_plain_text_may_show_a_tag() -> None:
    plain = question(language="en", text="What does <script> do?")._replace(format="plain")
    assert codes({"en": [plain]}) == []


def png(width: int = 3, height: int = 2) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\x00" + b"\xff" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


GIF = b"GIF89a" + struct.pack("<HH", 5, 4) + b"\x00\x00\x00" + b"\x3b"
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x02\x00\x03\x01\x01\x11\x00\xff\xd9"
WEBP = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + b"\x00" * 4 + b"\x06\x00\x00\x08\x00\x00"


@pytest.mark.parametrize(
    ("data", "picture"),
    [
        (png(), Picture("png", 3, 2)),
        (GIF, Picture("gif", 5, 4)),
        (JPEG, Picture("jpeg", 3, 2)),
        (WEBP, Picture("webp", 7, 9)),
    ],
)
def test_readable_pictures(data: bytes, picture: Picture) -> None:
    assert look(data) == picture
    assert from_data_address(f"data:image/{picture.kind};base64,{base64.b64encode(data).decode()}") == picture


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (png()[:-6], "cut"),
        (png().replace(b"IDAT", b"IDAt"), "damaged"),
        (png(0), "size"),
        (png(30_000, 1), "size"),
        (GIF[:-1], "cut"),
        (JPEG[:-2], "cut"),
        (b"<svg xmlns='x'/>", "kind"),
        (b"", "kind"),
        (WEBP[:-4], "cut"),
    ],
)
def test_unreadable_pictures(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadablePicture) as told:
        look(data)
    assert told.value.reason == reason


@given(st.binary(max_size=60), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8", b"RIFF", b""]))
def test_no_bytes_break_the_look(data: bytes, head: bytes) -> None:
    try:
        told = look(head + data).kind
    except UnreadablePicture as unreadable:
        told = unreadable.reason
    assert told in ("png", "gif", "jpeg", "webp", "kind", "cut", "damaged", "size")


def image(source: str, alt: str = "карта") -> list[str]:
    return codes({"ru": [question(language="ru", text=f'<p>Что это? <img src="{source}" alt="{alt}"></p>')]})


def test_pictures_in_a_question() -> None:
    whole = base64.b64encode(png()).decode()
    assert image(f"data:image/png;base64,{whole}") == []
    assert image(f"data:image/png;base64,{whole}", alt=" ") == ["BANK_IMAGE_ALT"]
    assert image(f"data:image/png;base64,{whole[:40]}") == ["BANK_IMAGE_UNREADABLE"]
    assert image("data:image/png;base64,@@@") == ["BANK_IMAGE_UNREADABLE"]
    assert image("@@PLUGINFILE@@/map.png") == ["BANK_IMAGE_MISSING"]
    assert image("https://example.org/map.png") == ["BANK_IMAGE_OUTSIDE"]
    assert image("") == ["BANK_IMAGE_MISSING"]
