"""How fast GIFT is read and written: ratios to `read().splitlines()` of the same file, measured in one process.

    python -m flask_app.bench.gift --questions 10000 --json

The banks are made here (seeded, so every run measures the same text): `simple` is a title, a text and five answers;
`rich` has ids, tags, HTML, escapes, feedback and categories, as an export of a real bank has.
"""

from __future__ import annotations

import gc
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import click

from gift_export.reader import read
from gift_export.writer import write
from question_banks.model import (
    Answer,
    FormattedText,
    MultichoiceQuestion,
)

KINDS: Final = ("simple", "rich")
LIMITS: Final = {"simple": 5.0, "rich": 9.0}
"""How many times `read().splitlines()` a reading with all findings may take."""

_WORDS: Final = (
    "мамлекеттик кызматкер мыйзам укук милдет коомдук башкаруу жарандык орду конкурс баалоо өлкө облус шаар өкмөт",
    "государственный служащий закон право обязанность управление должность оценка город правительство этика решение",
    "мемлекеттік қызметші заң құқық міндет басқару лауазым бағалау қала үкімет әдеп шешім бұйрық құжат тіл білім",
)
_LANGUAGES: Final = ("ky", "ru", "kk")


def bank(count: int, kind: str, seed: int = 1) -> Iterator[MultichoiceQuestion]:
    """`count` five-option single-choice questions in three languages."""
    chance = random.Random(seed)  # noqa: S311  # a repeatable text, no secret
    for number in range(count):
        words = _WORDS[number % 3].split()
        yield _rich(chance, words, number) if kind == "rich" else _simple(chance, words, number)


def _phrase(chance: random.Random, words: list[str], least: int, most: int) -> str:
    return " ".join(chance.choice(words) for _ in range(chance.randint(least, most)))


def _options(chance: random.Random, words: list[str]) -> list[str]:
    found: list[str] = []
    while len(found) < 5:
        option = _phrase(chance, words, 2, 9)
        if option not in found:
            found.append(option)
    return found


def _simple(chance: random.Random, words: list[str], number: int) -> MultichoiceQuestion:
    key = chance.randrange(5)
    answers = tuple(Answer(text, float(at == key)) for at, text in enumerate(_options(chance, words)))
    text = f"{_phrase(chance, words, 8, 22)} {number}?"
    return MultichoiceQuestion(f"{_LANGUAGES[number % 3]}-{number:06d}", text, answers)


def _rich(chance: random.Random, words: list[str], number: int) -> MultichoiceQuestion:
    language, section = _LANGUAGES[number % 3], number // 100
    key = chance.randrange(5)
    answers = tuple(
        Answer(f"<p>{text}</p>", float(at == key), _remark(chance, words), "html")
        for at, text in enumerate(_options(chance, words))
    )
    return MultichoiceQuestion(
        f"{language}-{number:06d}",
        f"<p>{_phrase(chance, words, 8, 22)} (ст. {number % 200}: п. {number % 20} = №{number})</p>",
        answers,
        format="html",
        generalfeedback=FormattedText(f"<p>{_phrase(chance, words, 8, 10)}: ст. 5</p>", "html"),
        idnumber=f"{language}-{number:06d}",
        tags=(language, f"раздел-{section}"),
        category=f"$course$/top/Банк/Раздел {section}",
    )


def _remark(chance: random.Random, words: list[str]) -> FormattedText:
    return FormattedText(f"<p>{_phrase(chance, words, 3, 8)}</p>" if chance.random() < 0.5 else "", "html")


def measure(count: int, kind: str, rounds: int = 5) -> dict[str, Any]:
    """Seconds, ratio and questions per second of reading and writing a bank; the best of `rounds`, taken in turns."""
    questions = list(bank(count, kind))
    text = write(questions)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bank.gift"
        file.write_text(text, encoding="utf-8")
        plain, reading, writing = _in_turns(
            rounds,
            lambda: file.read_text(encoding="utf-8").splitlines(),
            lambda: read(text),
            lambda: write(questions),
        )
    back = read(text)
    return {
        "kind": kind,
        "questions": count,
        "megabytes": round(len(text.encode("utf-8")) / 1e6, 1),
        "splitlines_seconds": plain,
        "read_seconds": reading,
        "read_ratio": round(reading / plain, 2),
        "read_limit": LIMITS[kind],
        "read_per_second": round(count / reading),
        "write_seconds": writing,
        "write_per_second": round(count / writing),
        "findings": len(back.problems),
        "read_back_equal": [question._replace(lines=(0, 0)) for question in back.questions] == questions,
    }


def _in_turns(rounds: int, *tasks: Callable[[], object]) -> list[float]:
    """The shortest processor time of each task; in turns, so that a busy machine is busy for all of them."""
    best = [float("inf")] * len(tasks)
    for _ in range(rounds):
        for at, task in enumerate(tasks):
            gc.collect()
            start = time.process_time()
            task()
            best[at] = min(best[at], time.process_time() - start)
    return best


@click.command()
@click.option("--questions", type=click.IntRange(min=1), default=10_000, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def gift(questions: int, rounds: int, as_json: bool) -> None:
    """GIFT reader and writer beside `read().splitlines()`."""
    import json

    results = [measure(questions, kind, rounds) for kind in KINDS]
    if as_json:
        click.echo(json.dumps({"gift": results}, ensure_ascii=False))
        return
    for result in results:
        click.echo(
            f"{result['kind']}: read {result['read_ratio']} x splitlines (limit {result['read_limit']}), "
            f"{result['read_per_second']} q/s; write {result['write_per_second']} q/s"
        )


if __name__ == "__main__":
    gift()
