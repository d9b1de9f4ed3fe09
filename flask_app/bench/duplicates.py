"""How long the search for near-duplicates takes, and what it finds of repetitions planted on purpose.

    kyzmat bench duplicates --questions 50000 --json

The questions are made here (seeded, so every run measures the same bank); every fiftieth is repeated at its end with an
edit: a word replaced, in long ones another left out, the case of letters and the order of the options changed.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from itertools import accumulate, product
from typing import Any, Final

import click

from question_banks.duplicates import Probe, near_duplicates

LIMIT_SECONDS: Final = 30.0
"""For 50,000 questions in one process."""

PLANTED_EACH: Final = 50


SYLLABLES: Final = (
    "ка",
    "ра",
    "мы",
    "зат",
    "тер",
    "ше",
    "го",
    "суд",
    "пра",
    "ку",
    "лык",
    "на",
    "бел",
    "ру",
    "эс",
    "дол",
)


def measure(count: int, seed: int = 1) -> dict[str, Any]:
    """Processor seconds of one search over `count` questions, of which one in fifty repeats another."""
    planted = max(1, count // PLANTED_EACH)
    chance = random.Random(seed)  # noqa: S311  # a repeatable bank, no secret
    probes = list(_bank(chance, count - planted))
    originals = chance.sample(range(len(probes)), min(planted, len(probes)))
    probes += [_edited(chance, probes[at], len(probes) + n) for n, at in enumerate(originals)]
    start = time.process_time()
    found = near_duplicates(probes)
    seconds = time.process_time() - start
    met = {one.second for one in found}
    return {
        "questions": len(probes),
        "seconds": round(seconds, 2),
        "limit_seconds": LIMIT_SECONDS,
        "planted": len(originals),
        "planted_found": sum(at in met for at in range(count - planted, len(probes))),
        "found": len(found),
    }


def _bank(chance: random.Random, count: int) -> Iterator[Probe]:
    """Questions of 8 to 22 words from a vocabulary of 4,096, common words far more often than rare ones (Zipf)."""
    words = ["".join(parts) for parts in product(SYLLABLES, repeat=3)]
    chance.shuffle(words)
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    for at in range(count):
        stem = chance.choices(words, cum_weights=weights, k=chance.randint(8, 22))
        options = [" ".join(chance.choices(words, cum_weights=weights, k=chance.randint(2, 9))) for _ in range(5)]
        yield Probe(at, ("ky", "ru", "kk")[at % 3], " ".join(stem), (options[0],), tuple(options))


def _edited(chance: random.Random, probe: Probe, owner: int) -> Probe:
    words = probe.stem.split()
    words[chance.randrange(len(words))] = "иначе"
    if len(words) > 12:
        del words[chance.randrange(len(words))]
    stem = " ".join(words).upper() if chance.random() < 0.5 else " ".join(words).capitalize() + "?"
    return probe._replace(owner=owner, stem=stem, options=tuple(reversed(probe.options)))


@click.command()
@click.option("--questions", type=click.IntRange(min=2), default=50_000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def duplicates(questions: int, as_json: bool) -> None:
    """Searches a bank for questions that ask the same, in one process."""
    found = measure(questions)
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(
        "{questions} questions: {seconds} s (limit {limit_seconds} s for 50,000), "
        "{planted_found} of {planted} planted repetitions found".format_map(found)
    )
