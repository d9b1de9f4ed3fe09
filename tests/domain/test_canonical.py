"""The same data give the same bytes, and other data others."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_app.domain.canonical import canonical_json, digest, plain

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.dates() | st.uuids(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@dataclass(frozen=True)
class Pair:
    left: object
    right: object


@given(values=st.dictionaries(st.text(max_size=5), VALUES, max_size=6))
def test_the_order_of_keys_does_not_count(values: dict[str, object]) -> None:
    turned = dict(reversed(list(values.items())))
    assert canonical_json(values) == canonical_json(turned)
    assert digest(values) == digest(turned)


@given(value=VALUES)
def test_plain_is_what_json_brings_back(value: object) -> None:
    """So a digest taken before the database and one taken after it are the same."""
    again = json.loads(canonical_json(value))
    assert again == plain(value)
    assert digest(again) == digest(value)


@given(one=st.lists(st.integers() | st.text(), max_size=5), other=st.lists(st.integers() | st.text(), max_size=5))
def test_other_data_have_another_digest(one: list[object], other: list[object]) -> None:
    assert (digest(one) == digest(other)) is (one == other)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (0, "0"),
        ("ңөү", '"ңөү"'),
        (Decimal("1.50"), '"1.50"'),
        (date(2026, 6, 15), '"2026-06-15"'),
        (datetime(2026, 6, 15, 6, tzinfo=UTC), '"2026-06-15T06:00:00+00:00"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (("a", 1), '["a",1]'),
        (frozenset({"b", "a"}), '["a","b"]'),
        (Pair(1, {"b": 2, "a": 1}), '{"left":1,"right":{"a":1,"b":2}}'),
        ({1: "x"}, '{"1":"x"}'),
    ],
)
def test_each_kind_has_one_form(value: object, written: str) -> None:
    assert canonical_json(value) == written
    assert digest(value) == hashlib.sha256(written.encode()).hexdigest()


def test_one_moment_in_two_zones_is_two_texts() -> None:
    """What is hashed must be brought to one zone by the caller: the form keeps what was written."""
    moment = datetime(2026, 6, 15, 6, tzinfo=UTC)
    assert digest(moment) != digest(moment.astimezone(timezone(timedelta(hours=6))))


@pytest.mark.parametrize("value", [1.5, b"bytes", object(), {"x": 2.0}])
def test_what_has_no_form_is_refused(value: object) -> None:
    """A float has no one spelling; money and marks are decimals."""
    with pytest.raises(TypeError, match="no canonical form"):
        canonical_json(value)
