"""Draws an examination form from banks: which twin groups, in which order, for a recorded seed.

A form is a function of (banks, blueprint, seed, variant) and of nothing else, so that a paper handed to a candidate can
be recomputed on appeal years later. The languages do not take part: a form names twin groups, and the candidate's
language only decides which twin is shown (DOMAIN F3).

The generator is SHA-256 in counter mode, so that the result does not hang on a library's choice of algorithm:

    key      = SHA-256 of the JSON text ["kyzmat-form/1", seed, variant, block, [[bank id, bank hash], ...]]
               (ASCII only, other characters as \\uXXXX, no spaces, banks in the order of their ids)
    block i  = SHA-256(key || i as 8 bytes, big-endian), i = 0, 1, 2, ...
    words    = each block cut into four unsigned 64-bit numbers, big-endian
    below(n) = the first word smaller than the largest multiple of n within 2**64, modulo n

Rejecting the words above that multiple is what keeps every number below n equally likely.
Samples are taken by the Fisher-Yates exchange from the pool sorted by group id. Each section has a stream of its own:
changing one section of a blueprint leaves the others as they were.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from typing import TypeVar

from question_banks.bank import Bank, BankError, TwinGroup

SCHEME = "kyzmat-form/1"
WORD_VALUES = 2**64

T = TypeVar("T")


class SelectionError(BankError):
    """The blueprint cannot be drawn from these banks, or the seed is unusable."""


@dataclass(frozen=True, slots=True)
class Section:
    """One block of a test: `count` questions.

    `topics` asks for exactly so many questions of each named topic; what remains of `count` comes from the topics that
    are not named. Empty: any topic of the block.
    """

    block: str
    count: int
    topics: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a test is made of. `withdrawn` names twin groups that must not be drawn: a changed law, a leak, an appeal.

    They are part of the blueprint, not of the bank: the record of a form is complete although the bank did not change.
    """

    sections: tuple[Section, ...]
    withdrawn: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        """Questions on one form."""
        return sum(section.count for section in self.sections)


@dataclass(frozen=True, slots=True)
class DrawnItem:
    """A place on a form, counted from 1 over all sections."""

    place: int
    block: str
    bank: str
    group: str
    topic: str

    def idnumber(self, language: str) -> str:
        """The question's name in Moodle, once the candidate's language is known (WIRE: `<twin group>.<lang>`)."""
        return f"{self.group}.{language}"


@dataclass(frozen=True, slots=True)
class Demand:
    """`needed` of the `available` groups of one pool. `topic` is empty where any topic not named elsewhere will do."""

    block: str
    topic: str
    needed: int
    available: int

    @property
    def papers(self) -> int:
        """How many different sets of questions can be drawn; 0 where the pool is too small."""
        return math.comb(self.available, self.needed)

    @property
    def expected_overlap(self) -> Fraction:
        """How many questions two candidates with different variants share on average."""
        return Fraction(self.needed**2, self.available) if self.available else Fraction(0)


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the banks can feed. The numbers say nothing about the quality of the questions."""

    demands: tuple[Demand, ...]

    @property
    def shortages(self) -> tuple[Demand, ...]:
        return tuple(demand for demand in self.demands if demand.available < demand.needed)

    @property
    def feasible(self) -> bool:
        return not self.shortages

    @property
    def papers(self) -> int:
        """Different papers, without regard to the order of questions."""
        return math.prod(demand.papers for demand in self.demands)

    @property
    def expected_overlap(self) -> Fraction:
        """Questions shared by two candidates on average, over the whole paper."""
        return sum((demand.expected_overlap for demand in self.demands), Fraction(0))


class Stream:
    """Unbiased numbers from a key, by the recipe at the top of this module. One stream is read once, from its start."""

    def __init__(self, *parts: object) -> None:
        material = json.dumps([SCHEME, *parts], separators=(",", ":")).encode("ascii")
        self._key = hashlib.sha256(material).digest()
        self._words = self._produce()

    def _produce(self) -> Iterator[int]:
        for counter in count():
            block = hashlib.sha256(self._key + counter.to_bytes(8, "big")).digest()
            for start in range(0, len(block), 8):
                yield int.from_bytes(block[start : start + 8], "big")

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1, each equally likely. `n` lies between 1 and 2**64."""
        if not 1 <= n <= WORD_VALUES:
            raise ValueError(n)
        limit = WORD_VALUES - WORD_VALUES % n
        return next(word for word in self._words if word < limit) % n

    def sample(self, pool: Sequence[T], size: int) -> tuple[T, ...]:
        """`size` members of `pool` without repetition, in drawn order (`size` at most the pool's)."""
        items = list(pool)
        for place in range(size):
            other = place + self.below(len(items) - place)
            items[place], items[other] = items[other], items[place]
        return tuple(items[:size])


@dataclass(frozen=True, slots=True)
class _Pool:
    demand: Demand
    members: tuple[tuple[str, TwinGroup], ...]  # bank id, group


def can_feed(blueprint: Blueprint, banks: Sequence[Bank]) -> Capacity:
    """How many different papers the banks give for this blueprint, and how much two candidates would share.

    Raises `SelectionError` for a blueprint that contradicts itself or names a topic no bank has; a mere shortage is
    reported in the answer.
    """
    sections = _checked(blueprint, banks)
    return Capacity(tuple(pool.demand for section in sections for pool in _pools(section, blueprint, banks)))


def draw_form(banks: Sequence[Bank], blueprint: Blueprint, seed: str, variant: int) -> tuple[DrawnItem, ...]:
    """The form of this seed and variant, in the order of the blueprint's sections.

    `seed` is recorded with the sitting, compared character by character; `variant` counts parallel forms of one seed
    from 0. Raises `SelectionError` when the seed or variant is unusable, the blueprint contradicts itself, or the banks
    hold too few complete twin groups.
    """
    _check_seed(seed, variant)
    chosen: list[tuple[str, str, TwinGroup]] = []
    for section in _checked(blueprint, banks):
        pools = _pools(section, blueprint, banks)
        _refuse_shortage(pools)
        stream = Stream(seed, variant, section.block, _identities(section.block, banks))
        members = [member for pool in pools for member in stream.sample(pool.members, pool.demand.needed)]
        chosen += [(section.block, bank, group) for bank, group in stream.sample(members, len(members))]
    return tuple(
        DrawnItem(place, block, bank, group.id, group.topic)
        for place, (block, bank, group) in enumerate(chosen, start=1)
    )


def form_fingerprint(form: Sequence[DrawnItem]) -> str:
    """SHA-256 over the places, banks and groups of a form: two forms are the same exactly when this is."""
    rows = [[item.place, item.block, item.bank, item.group] for item in form]
    return hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode("ascii")).hexdigest()


def _check_seed(seed: str, variant: int) -> None:
    if not seed.strip():
        raise SelectionError("SELECT_SEED_EMPTY")
    if variant < 0:
        raise SelectionError("SELECT_VARIANT_NEGATIVE", variant=variant)


def _checked(blueprint: Blueprint, banks: Sequence[Bank]) -> tuple[Section, ...]:
    refuse_mixed_law(banks)
    _refuse_repeated_groups(banks)
    seen: set[str] = set()
    for section in blueprint.sections:
        if section.block in seen:
            raise SelectionError("SELECT_BLOCK_TWICE", block=section.block)
        seen.add(section.block)
        _check_section(section, banks)
    return blueprint.sections


def refuse_mixed_law(banks: Sequence[Bank]) -> None:
    """One paper asks about the law of one country. Raises `SelectionError` for banks of several."""
    countries = sorted({bank.jurisdiction for bank in banks})
    if len(countries) > 1:
        raise SelectionError("SELECT_JURISDICTIONS", countries=", ".join(countries))


def _refuse_repeated_groups(banks: Sequence[Bank]) -> None:
    owner: dict[str, str] = {}
    for bank in banks:
        for group in bank.items:
            if group.id in owner:
                raise SelectionError("SELECT_GROUP_TWICE", group=group.id, first=owner[group.id], second=bank.id)
            owner[group.id] = bank.id


def _check_section(section: Section, banks: Sequence[Bank]) -> None:
    feeding = [bank for bank in banks if bank.block == section.block]
    if not feeding:
        raise SelectionError("SELECT_NO_BANK", block=section.block)
    if section.count < 0 or any(quota < 0 for quota in section.topics.values()):
        raise SelectionError("SELECT_COUNT_NEGATIVE", block=section.block)
    if sum(section.topics.values()) > section.count:
        raise SelectionError(
            "SELECT_QUOTA_OVER", block=section.block, quota=sum(section.topics.values()), count=section.count
        )
    known = {topic.id for bank in feeding for topic in bank.topics}
    for topic in section.topics:
        if topic not in known:
            raise SelectionError("SELECT_UNKNOWN_TOPIC", block=section.block, topic=topic)


def _pools(section: Section, blueprint: Blueprint, banks: Sequence[Bank]) -> list[_Pool]:
    members = _eligible(section.block, blueprint, banks)
    pools = [
        _pool(section.block, topic, section.topics[topic], [m for m in members if m[1].topic == topic])
        for topic in sorted(section.topics)
    ]
    rest = section.count - sum(section.topics.values())
    if rest or not section.topics:
        pools.append(_pool(section.block, "", rest, [m for m in members if m[1].topic not in section.topics]))
    return pools


def _pool(block: str, topic: str, needed: int, members: Sequence[tuple[str, TwinGroup]]) -> _Pool:
    return _Pool(Demand(block, topic, needed, len(members)), tuple(members))


def _eligible(block: str, blueprint: Blueprint, banks: Sequence[Bank]) -> list[tuple[str, TwinGroup]]:
    """Groups that every candidate can be given: complete in all languages of their bank, and not withdrawn."""
    members = [
        (bank.id, group)
        for bank in banks
        if bank.block == block
        for group in bank.items
        if group.id not in blueprint.withdrawn and group.speaks(bank.languages)
    ]
    return sorted(members, key=lambda member: member[1].id)


def _refuse_shortage(pools: Sequence[_Pool]) -> None:
    for demand in (pool.demand for pool in pools):
        if demand.available < demand.needed:
            raise SelectionError(
                "SELECT_TOO_FEW_OF_TOPIC" if demand.topic else "SELECT_TOO_FEW",
                block=demand.block,
                topic=demand.topic,
                needed=demand.needed,
                available=demand.available,
            )


def _identities(block: str, banks: Sequence[Bank]) -> list[list[str]]:
    return sorted([bank.id, bank.hash] for bank in banks if bank.block == block)
