"""The fuzz targets hold on their own seeds and on small damage done to them."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.run import seeds
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_seeds_and_damaged_seeds(name: str) -> None:
    chance = random.Random(20261122)
    some = chance.sample(seeds(name), 60)
    for seed in some:
        TARGETS[name](seed)
        at = chance.randrange(len(seed) + 1)
        TARGETS[name](seed[:at] + chance.choice([b"", b"{", b"}", b"=", b"\n\n", b"<", b"&", b"\xff"]) + seed[at + 1 :])
