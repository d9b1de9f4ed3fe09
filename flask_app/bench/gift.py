"""How fast GIFT is read and written: ratios to `read().splitlines()` of the same file, measured in one process.

    kyzmat bench gift --json
    kyzmat bench gift --growth --json                        time and memory at 10⁴, 10⁵ and 10⁶ questions
    kyzmat bench gift --peer-command "node peer.js" --json   another reader beside ours: it gets the file's path

`--growth` reads in processes of their own, whole and as a stream, and says the peak of their memory.

The banks are made here (seeded, so every run measures the same text): `simple` is a title, a text and five answers;
`rich` has ids, tags, HTML, escapes, feedback and categories, as an export of a real bank has.
"""

from __future__ import annotations

import gc
import json
import os
import random
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
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


def _in_turns(rounds: int, *tasks: Callable[[], object], clock: Callable[[], float] = time.process_time) -> list[float]:
    """The shortest processor time of each task; in turns, so that a busy machine is busy for all of them."""
    best = [float("inf")] * len(tasks)
    for _ in range(rounds):
        for at, task in enumerate(tasks):
            gc.collect()
            start = clock()
            task()
            best[at] = min(best[at], clock() - start)
    return best


SIZES: Final = (10_000, 100_000)
GROWTH: Final = (10_000, 100_000, 1_000_000)
_WHOLE: Final = """
import sys, time
from pathlib import Path
from gift_export.reader import read_bytes
data = Path(sys.argv[1]).read_bytes()
start = time.process_time()
reading = read_bytes(data)
print(len(reading.questions), time.process_time() - start)
"""
_STREAM: Final = """
import sys, time
from flask_app.cli.gift_files import chunks
from gift_export.stream import read_stream
from pathlib import Path
start = time.process_time()
count = sum(len(reading.questions) for reading in read_stream(chunks(Path(sys.argv[1]))))
print(count, time.process_time() - start)
"""


def growth(count: int, kind: str) -> dict[str, Any]:
    """Processor seconds and peak memory of reading a bank in a process of its own, whole and as a stream."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bank.gift"
        with file.open("w", encoding="utf-8") as stream:
            batch: list[MultichoiceQuestion] = []
            for question in bank(count, kind):
                batch.append(question)
                if len(batch) == SIZES[0]:
                    stream.write(write(batch) + "\n")
                    batch.clear()
            stream.write(write(batch))
        result: dict[str, Any] = {"kind": kind, "questions": count, "megabytes": round(file.stat().st_size / 1e6, 1)}
        for way, program in (("whole", _WHOLE), ("stream", _STREAM)):
            answer, peak = _child([sys.executable, "-c", program, str(file)])
            found, seconds = answer.split()
            assert int(found) == count
            result |= {
                f"{way}_seconds": float(seconds),
                f"{way}_microseconds_per_question": round(float(seconds) / count * 1e6, 1),
                f"{way}_peak_mb": peak,
            }
    return result


def _child(command: list[str]) -> tuple[str, float]:
    """What a command prints, and the peak of its memory in MB."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # named by the caller
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise click.ClickException(f"{command[0]} ended with {process.returncode}")
    return printed, round(usage.ru_maxrss / 1024, 1)


def beside(count: int, kind: str, peer: str, rounds: int = 3) -> dict[str, Any]:
    """Our reading and a peer's, in turns, each as a process of its own: processor seconds.

    `times`: start-up included. `times_reading`: without what each takes for a bank of one question.
    """
    seconds: list[list[float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, size in (("bank", count), ("one", 1)):
            file = Path(folder) / f"{name}.gift"
            file.write_text(write(list(bank(size, kind))), encoding="utf-8")
            commands = ([sys.executable, "-c", _WHOLE, str(file)], [*shlex.split(peer), str(file)])
            tasks = [partial(_child, command) for command in commands]
            seconds.append(_in_turns(rounds, *tasks, clock=_children_seconds))
    (ours, theirs), (our_start, their_start) = seconds
    return {
        "kind": kind,
        "questions": count,
        "seconds": ours,
        "peer_seconds": theirs,
        "times": round(theirs / ours, 1),
        "start_seconds": our_start,
        "peer_start_seconds": their_start,
        "times_reading": round((theirs - their_start) / (ours - our_start), 1),
    }


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@click.command()
@click.option("--questions", type=click.IntRange(min=1), multiple=True, default=SIZES, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
@click.option("--growth", "with_growth", is_flag=True, help="Time and memory up to 10⁶ questions.")
@click.option("--peer-command", help="Another reader of GIFT files; gets the path as its last argument.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def gift(questions: tuple[int, ...], rounds: int, with_growth: bool, peer_command: str | None, as_json: bool) -> None:
    """GIFT reader and writer beside `read().splitlines()`, and beside another reader."""
    report: dict[str, Any] = {"gift": [measure(count, kind, rounds) for count in questions for kind in KINDS]}
    if with_growth:
        report["growth"] = [growth(count, kind) for kind in KINDS for count in GROWTH]
    if peer_command:
        report["peer"] = [beside(min(questions), kind, peer_command, min(rounds, 3)) for kind in KINDS]
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    for result in report["gift"]:
        click.echo(
            f"{result['kind']} {result['questions']}: read {result['read_ratio']} x splitlines "
            f"(limit {result['read_limit']}), {result['read_per_second']} q/s; write {result['write_per_second']} q/s"
        )
    for result in (*report.get("growth", ()), *report.get("peer", ())):
        click.echo(json.dumps(result))


if __name__ == "__main__":
    gift()
