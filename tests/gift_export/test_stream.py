"""Reading piece by piece gives what reading at once gives, in memory that does not grow with the file."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from gift_export.reader import read_bytes
from gift_export.stream import read_stream

_PARTS = st.sampled_from(
    [
        "::т::Q{=а ~б}",
        "Q{T}",
        "Q{=а\n\n~б}",
        "$CATEGORY: А",
        "// [id:x]\nQ{F}",
        "// [tag:x]",
        "Q{",
        "}",
        "0",
        "«é»\u200b",
        "Q{#3,14}",
        "\n",
        "\n\n",
        " \n",
        "\r\n\r\n",
        "\r",
        "\n0\n",
        "\t\n\n",
        "=а",
        "Q{}",
    ]
)


def _chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@settings(max_examples=300, deadline=None)
@given(st.lists(_PARTS, max_size=25), st.integers(1, 40), st.integers(1, 60), st.booleans())
def test_pieces_say_what_the_whole_says(parts: list[str], size: int, piece: int, marked: bool) -> None:
    data = ("\ufeff" * marked + "".join(parts)).encode("utf-8")
    whole = read_bytes(data)
    readings = list(read_stream(_chunks(data, size), piece=piece, remembered=10_000))
    assert tuple(item for reading in readings for item in reading.items) == whole.items
    found = sorted((one.line, one.column, one.code) for reading in readings for one in reading.problems)
    assert found == sorted((one.line, one.column, one.code) for one in whole.problems)


def test_a_wrong_byte_ends_the_reading_with_its_place() -> None:
    data = b"Q{T}\n\nQ2{T}\n\n" + "я".encode() + b"\xff{T}"
    problems = [one for reading in read_stream(_chunks(data, 3), piece=4) for one in reading.problems]
    assert [(one.code, one.line, one.column) for one in problems if one.severity == "error"] == [("E_ENCODING", 5, 2)]
    assert [one.code for reading in read_stream([b"\xff\xfeQ\0"]) for one in reading.problems] == ["E_ENCODING_OTHER"]


def test_memory_is_that_of_a_piece() -> None:
    def peak(count: int) -> int:
        def file() -> Iterator[bytes]:
            for number in range(count):
                yield f"::{number}::Суроо {number}?{{\n\t=а{number}\n\t~б\n}}\n\n".encode()

        tracemalloc.start()
        for _ in read_stream(file(), piece=20_000, remembered=200):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(12_000) < peak(3_000) * 1.3


def test_repetitions_are_found_among_the_newest() -> None:
    block = "::т{}::Q{}{{T}}\n\n"
    data = "".join(block.format(number, number) for number in [*range(50), 49, 0]).encode()
    readings = list(read_stream(_chunks(data, 16), piece=1, remembered=10))
    found = [(one.code, one.line) for reading in readings for one in reading.problems]
    assert found == [("W_DUPLICATE_QUESTION", 101), ("W_DUPLICATE_TITLE", 101)]
