"""Hostile input: time must grow with the file, not with its square."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from gift_export.exchange import json_chunks
from gift_export.reader import read

_CASES: dict[str, Callable[[int], str]] = {
    "open braces": lambda n: "Q" + "{" * n,
    "close braces": lambda n: "Q{T" + "}" * n,
    "equals": lambda n: "Q{" + "=" * n + "}",
    "tildes": lambda n: "Q{" + "~" * n + "}",
    "percent": lambda n: "Q{~" + "%" * n + "а =б}",
    "minus in a weight": lambda n: "Q{~%" + "-" * n + "50 =б}",
    "ids never closed": lambda n: "// " + "[id:" * n + "\nQ{T}",
    "tags never closed": lambda n: "// " + "[tag:" * n + "\nQ{T}",
    "escaped brackets in an id": lambda n: "// [id:" + "\\]" * n + "\nQ{T}",
    "less-than": lambda n: "Q" + "<" * n + "{T}",
    "open tags": lambda n: "Q" + "<a " * n + "{T}",
    "closed tags": lambda n: "Q" + "<b>x" * n + "{T}",
    "handlers without tag": lambda n: "Q<" + " onxyz=" * n + "{T}",
    "arrows": lambda n: "Q{" + "=а->" * n + "}",
    "placeholders": lambda n: "Q " + "&&058;" * n + "{T}",
    "backslashes": lambda n: "Q " + "\\" * n + "{T}",
    "hashes": lambda n: "Q{T" + "#" * n + "}",
    "colons": lambda n: ":" * n,
    "blank lines": lambda n: "\n" * n + "Q{T}",
    "spaces in a line": lambda n: "Q{T}\n" + " " * n + "x\n" + " " * n + "\n0" + " " * n + "1",
    "zero lines": lambda n: "Q{T}" + "\n0" * n,
    "lone returns": lambda n: "Q{T}\n" + "\r" * n + "x\ra",
    "unclosed questions": lambda n: "Q{=а ~б\n\n" * n,
    "distinct answers": lambda n: "Q{" + "".join(f"~{at}" for at in range(n)) + "}",
    "combining marks": lambda n: "Q" + "и\u0306" * n + "{T}",
    "invisible": lambda n: "Q" + "\u200b" * n + "{T}",
    "ordering spaces": lambda n: "Q{>3 " + " a" * n + "}",
    "reversed braces": lambda n: "}" + "й" * n + "{" + "й" * n,
    "brackets": lambda n: "Q{=" + "[ " * n + " ~б}",
    "image": lambda n: 'Q<img src\\="data\\:image/png;base64,' + "A" * n + '">{=а ~б}',
    "names that need shortening": lambda n: "::" + "сөз " * n + "::Q{T}",
    "name of entities": lambda n: "Q" + "&amp;" * n + "{T}",
}


@pytest.mark.parametrize("name", _CASES)
def test_time_grows_with_the_file(name: str) -> None:
    make = _CASES[name]
    small, large = (min(_seconds(make(size)) for _ in range(2)) for size in (4_000, 16_000))
    # Four times the file: a quadratic reader would take sixteen times as long. Short times are noise.
    assert large < max(9 * small, 0.25), f"{small:.3f} s, then {large:.3f} s"


def _seconds(text: str) -> float:
    start = time.process_time()
    reading = read(text)
    for item in reading.items:
        for _chunk in json_chunks(item):
            pass
    return time.process_time() - start


def test_every_unclosed_question_is_reported() -> None:
    assert len(read("Q{=а ~б\n\n" * 3000).problems) == 3000


def test_findings_of_one_question_are_capped_and_counted() -> None:
    problems = read("Q{" + "=" * 5000 + "}").problems
    (more,) = [
        found for found in problems if found.code == "I_MORE_OF_THE_SAME" and found.params["code"] == "E_EMPTY_ANSWER"
    ]
    assert more.params["n"] == str(5000 - 100)
