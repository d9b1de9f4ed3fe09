"""How a form is read and checked: PHP's and Moodle's rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.moodle.standin.errors import MoodleError
from connector.moodle.standin.parameters import (
    BOOL,
    FLOAT,
    INT,
    MAX_INPUT_VARS,
    RAW,
    Fields,
    Items,
    PhpValue,
    Scalar,
    check,
    read_form,
)
from tests.connector.standin.bench import php


@pytest.mark.parametrize(
    ("pairs", "form"),
    [
        ([("a", "1")], {"a": "1"}),
        ([("a[0][b]", "1"), ("a[0][c]", "2"), ("a[1][b]", "3")], {"a": {"0": {"b": "1", "c": "2"}, "1": {"b": "3"}}}),
        ([("a[]", "x"), ("a[]", "y")], {"a": {"0": "x", "1": "y"}}),
        ([("a[5]", "x"), ("a[]", "y")], {"a": {"5": "x", "6": "y"}}),
        ([("a", "1"), ("a", "2")], {"a": "2"}),
        ([("a", "1"), ("a[b]", "2")], {"a": {"b": "2"}}),
        ([("a.b c", "1")], {"a_b_c": "1"}),
        ([("a[b.c]", "1")], {"a": {"b.c": "1"}}),
        ([("a[b", "1")], {"a_b": "1"}),
        ([("[b]", "1"), ("", "2")], {}),
    ],
)
def test_php_names(pairs: list[tuple[str, str]], form: dict[str, Any]) -> None:
    assert read_form(pairs) == form


def test_what_follows_the_5000th_variable_is_cut() -> None:
    form = read_form((f"a[{number}]", "x") for number in range(MAX_INPUT_VARS + 7))
    kept = form["a"]
    assert isinstance(kept, dict)
    assert list(kept) == [str(number) for number in range(5000)]


_NAMES = st.text("abcxyz", min_size=1, max_size=3)
_TREES = st.recursive(
    st.text(max_size=5),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(_NAMES, inner, min_size=1, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(_NAMES, _TREES, max_size=4))
def test_what_is_flattened_is_read_back(tree: dict[str, Any]) -> None:
    assert read_form(php(tree).items()) == _as_php(tree)


def _as_php(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_php(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return {str(place): _as_php(inner) for place, inner in enumerate(value)}
    return value


@pytest.mark.parametrize(
    ("description", "value", "checked"),
    [
        (INT, "0", 0),
        (INT, "-12", -12),
        (BOOL, "1", True),
        (BOOL, "0", False),
        (FLOAT, "0.5", Decimal("0.5")),
        (FLOAT, ".5", Decimal("0.5")),
        (FLOAT, "1e2", Decimal("1e2")),
        (RAW, "", ""),
        (Items(INT), {"0": "1", "7": "2"}, [1, 2]),
        (Fields({"a": INT, "b": Items(RAW), "c": Scalar("int", 4)}), {"a": "1"}, {"a": 1, "b": [], "c": 4}),
    ],
)
def test_accepted(description: Any, value: PhpValue, checked: object) -> None:
    assert check(description, value) == checked


@pytest.mark.parametrize(
    ("description", "value"),
    [
        (INT, ""),
        (INT, "1.0"),
        (INT, "+1"),
        (INT, "007"),
        (INT, " 1"),
        (INT, "١"),
        (INT, "9223372036854775808"),
        (FLOAT, "1e99"),
        (FLOAT, "1" * 30),
        (FLOAT, ""),
        (INT, {"0": "1"}),
        (BOOL, "true"),
        (BOOL, ""),
        (FLOAT, "1,5"),
        (FLOAT, "."),
        (FLOAT, "nan"),
        (Scalar("alpha"), "a-b"),
        (Items(INT), "1"),
        (Items(INT), {"0": {"a": "1"}}),
        (Fields({"a": INT}), {}),
        (Fields({"a": INT}), {"a": "1", "b": "2"}),
        (Fields({"a": INT}), "1"),
        (Fields({"a": Items(RAW, required=True)}), {}),
    ],
)
def test_refused_as_invalidparameter(description: Any, value: PhpValue) -> None:
    with pytest.raises(MoodleError) as refused:
        check(description, value)
    assert refused.value.errorcode == "invalidparameter"
