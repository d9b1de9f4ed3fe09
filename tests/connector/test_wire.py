"""The contract in Python: form variables as PHP reads them, strict answers, one spelling for hashes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.moodle.wire import answers, pulled, requests
from connector.moodle.wire.canonical import canonical_hash, operation_key, sealed
from connector.moodle.wire.flatten import (
    HEAD_BYTES,
    HEAD_VARIABLES,
    MAX_BODY_BYTES,
    MAX_VARIABLES,
    Params,
    chunks,
    flatten,
)
from connector.moodle.wire.moments import from_epoch, to_epoch
from connector.moodle.wire.records import Card, Override
from connector.moodle.wire.shape import Part
from flask_app.domain.errors import InvalidInput, NotUnderstood
from flask_app.ports.moodle import WantedEnrolment, WantedPerson, WantedSlot, WantedTest

# ------------------------------------------------------------------------------------------------------ form variables

NAMES = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
SCALARS = (
    st.text(max_size=10)
    | st.integers(-(10**9), 10**9)
    | st.booleans()
    | st.decimals(allow_nan=False, allow_infinity=False)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=10
)


def as_php_reads(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[0][b]=1` → {a: {0: {b: 1}}}, as PHP nests a form."""
    form: dict[str, Any] = {}
    for name, value in pairs:
        keys = [name.partition("[")[0], *re.findall(r"\[([^\]]*)\]", name)]
        place = form
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = value
    return form


def as_sent(value: Any) -> Any:
    """The same value as PHP will hold it; None = it cannot be seen in a form (an empty list)."""
    if isinstance(value, dict):
        return {name: seen for name, inner in value.items() if (seen := as_sent(inner)) is not None} or None
    if isinstance(value, list):
        return {str(index): seen for index, inner in enumerate(value) if (seen := as_sent(inner)) is not None} or None
    if isinstance(value, bool):
        return "1" if value else "0"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


@settings(deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_php_reads_what_was_meant(params: dict[str, Any]) -> None:
    assert as_php_reads(flatten(params)) == (as_sent(params) or {})


def test_flatten_spelling() -> None:
    params: Params = {"a": [{"b": True, "c": []}, {"b": False}], "d": Decimal("0.50"), "e": ""}
    assert flatten(params) == [("a[0][b]", "1"), ("a[1][b]", "0"), ("d", "0.50"), ("e", "")]


@pytest.mark.parametrize("value", [1.5, None, b"x", {1, 2}, Decimal("NaN"), Decimal("Infinity")])
def test_what_a_form_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        flatten({"a": [{"b": value}]})


@settings(max_examples=20, deadline=None)
@given(sizes=st.lists(st.integers(1, 60), max_size=12), text=st.text("аңa ", max_size=400), limit=st.integers(1, 12))
def test_chunks_stay_within_every_bound(sizes: list[int], text: str, limit: int) -> None:
    items: list[tuple[int, Params]] = [
        (index, {"groups": [f"g{number}" for number in range(size * 40)], "text": text * 100})
        for index, size in enumerate(sizes)
    ]
    fixed: Params = {"course": "c-1"}
    cut = list(chunks("members", fixed, items, lambda: limit))
    assert [item for chunk in cut for item in chunk] == list(range(len(sizes)))
    for chunk in cut:
        assert 1 <= len(chunk) <= limit
        pairs = flatten({**fixed, "members": [items[index][1] for index in chunk]})
        assert len(pairs) + HEAD_VARIABLES <= MAX_VARIABLES
        assert len(chunk) == 1 or len(urlencode(pairs)) + HEAD_BYTES <= MAX_BODY_BYTES


def test_a_chunk_ends_only_when_it_must() -> None:
    items: list[tuple[int, Params]] = [(index, {"a": "1", "b": "2"}) for index in range(5000)]
    assert [len(chunk) for chunk in chunks("m", {}, items, lambda: 10_000)] == [2497, 2497, 6]
    assert [len(chunk) for chunk in chunks("m", {}, items[:401], lambda: 200)] == [200, 200, 1]


def test_one_item_beyond_the_bound_is_refused() -> None:
    item: Params = {"groups": [str(number) for number in range(5000)]}
    with pytest.raises(InvalidInput) as caught:
        list(chunks("members", {}, [(1, item)], lambda: 500))
    assert caught.value.code == "moodle.item_too_large"


# -------------------------------------------------------------------------------------------------------------- times

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=6)), timezone(timedelta(hours=-3, minutes=-30))])


@settings(deadline=None)
@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=ZONES))  # noqa: DTZ001 - bounds are naive by contract
def test_times_go_and_come(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert from_epoch(to_epoch(moment)) == whole
    assert from_epoch(to_epoch(moment)).tzinfo is UTC


def test_no_time_is_zero_and_a_time_without_a_zone_is_refused() -> None:
    assert to_epoch(None) == 0
    with pytest.raises(ValueError, match="zone"):
        to_epoch(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


# ------------------------------------------------------------------------------------------------------------ requests

OPEN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TEST = WantedTest(
    "c-1", "t-1", "Form 1", "", OPEN, OPEN + timedelta(hours=2), 3600, 60, ("g-1",), (WantedSlot("q-1.ky", 2, "1.5"),)
)


def test_a_test_is_written_with_fixed_slots() -> None:
    pairs = flatten(requests.save_test(TEST))
    assert ("slots[0][idnumber]", "q-1.ky") in pairs
    assert ("slots[0][version]", "2") in pairs
    assert ("slots[0][maxmark]", "1.5") in pairs
    assert ("timeopen", str(int(OPEN.timestamp()))) in pairs
    assert not [name for name, _ in pairs if name.startswith("sections")]


def test_an_override_names_a_person_or_a_group() -> None:
    assert "groupidnumber" not in requests.override_item(Override(useridnumber="p"))
    assert requests.override_item(Override(groupidnumber="g"))["groupidnumber"] == "g"


def test_the_fullest_chunks_of_the_contract_fit_a_form() -> None:
    """The limits of the contract and the 5,000 variables of PHP agree."""
    person = WantedPerson("p", "u", "f", "l", "ky", "e", "w")
    enrolment = WantedEnrolment("c", "p", ("g-1", "g-2"))
    texts = dict.fromkeys(("ky", "ru", "kk", "en"), "text")
    card = Card("c", "p", "test", texts, texts)
    for params in (
        requests.save_people([person] * 500),
        requests.save_enrolments("c", [enrolment] * 500),
        requests.save_cards([card] * 150),
        requests.save_overrides("t", [Override(useridnumber="p")] * 500),
    ):
        assert len(flatten(params)) + HEAD_VARIABLES <= MAX_VARIABLES


# ------------------------------------------------------------------------------------------------------------- answers


def load(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


ATTEMPT = """{"servertime": 1795300507, "cursor": "c9", "more": false, "total": 1, "attempts": [{"attemptid": 7,
 "testidnumber": "t-1", "useridnumber": "p-1", "attempt": 1, "state": "finished", "deleted": false,
 "timestart": 1795300000, "timefinish": 1795300500, "timemodified": 1795300501, "mark": 2.33333333333333333,
 "maxmark": 3.0, "responses": [{"slot": 1, "idnumber": "q-1.ky", "entryid": 4, "questionid": 9, "version": 2,
 "state": "gradedpartial", "mark": 0.33333333333333333, "maxmark": 1, "response": "А\\u0000Б", "rightanswer": "Б",
 "time": 1795300400}]}]}"""


def test_results_page() -> None:
    page = pulled.results_page(Part(load(ATTEMPT), "get_results"))
    (attempt,) = page.attempts
    (response,) = attempt.responses
    assert (attempt.mark, attempt.maxmark) == ("2.33333333333333333", "3.0")
    assert (response.mark, response.maxmark) == ("0.33333333333333333", "1")
    assert response.response == "А\ufffdБ"
    assert attempt.timefinish == from_epoch(1795300500)


def broken(path: str, value: Any) -> Any:
    """The page with the value at `path` ("attempts.0.mark") replaced, or dropped when `value` is `...`."""
    page = load(ATTEMPT)
    *way, last = path.split(".")
    place: Any = page
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return page


@pytest.mark.parametrize(
    ("path", "value", "told", "expected", "found"),
    [
        ("servertime", "1795300507", "servertime", "whole number", "text"),
        ("servertime", -1, "servertime", "whole number", "number"),
        ("servertime", 10**18, "servertime", "epoch seconds", "number"),
        ("cursor", None, "cursor", "text", "null"),
        ("total", True, "total", "whole number", "true or false"),
        ("attempts", {}, "attempts", "list", "object"),
        ("attempts", "x", "attempts", "list", "text"),
        ("attempts.0.mark", "2.5", "attempts[0].mark", "number", "text"),
        ("attempts.0.mark", ..., "attempts[0].mark", "something", "nothing"),
        ("attempts.0.deleted", 2, "attempts[0].deleted", "true or false", "number"),
        ("attempts.0.useridnumber", "", "attempts[0].useridnumber", "a name", "empty text"),
        ("attempts.0.timemodified", None, "attempts[0].timemodified", "whole number", "null"),
        ("attempts.0.responses", None, "attempts[0].responses", "list", "null"),
        (
            "attempts.0.responses.0.version",
            Decimal("1.5"),
            "attempts[0].responses[0].version",
            "whole number",
            "number",
        ),
        ("attempts.0.responses.0.state", [], "attempts[0].responses[0].state", "text", "list"),
    ],
)
def test_a_wrong_answer_is_told_with_its_path(path: str, value: Any, told: str, expected: str, found: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        pulled.results_page(Part(broken(path, value), "get_results"))
    error = caught.value
    assert error.code == "moodle.bad_shape"
    assert dict(error.params) == {"function": "get_results", "path": told, "expected": expected, "found": found}


@pytest.mark.parametrize("value", [None, [], "x", 1, True])
def test_an_answer_that_is_no_object(value: Any) -> None:
    with pytest.raises(NotUnderstood) as caught:
        pulled.results_page(Part(value, "get_results"))
    assert caught.value.params["path"] in ("(answer)", "cursor")


def results(*items: dict[str, Any], asked: list[str]) -> Any:
    return answers.results(Part({"replayed": False, "results": list(items)}, "f"), ("idnumber",), asked, "f")


GOOD = {"outcome": "created", "message": ""}


def test_items_come_in_the_order_asked() -> None:
    answer = results({"idnumber": "b", **GOOD}, {"idnumber": "a", **GOOD, "version": 3}, asked=["a", "b"])
    assert [(item.name, item.version) for item in answer.items] == [("a", 3), ("b", 0)]


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{"idnumber": "a", **GOOD}],
        [{"idnumber": "a", **GOOD}, {"idnumber": "a", **GOOD}],
        [{"idnumber": "a", **GOOD}, {"idnumber": "c", **GOOD}],
        [{"idnumber": "a", **GOOD}, {"idnumber": "b", **GOOD}, {"idnumber": "b", **GOOD}],
    ],
)
def test_an_item_without_its_answer_is_not_taken_for_done(items: list[dict[str, Any]]) -> None:
    with pytest.raises(NotUnderstood) as caught:
        results(*items, asked=["a", "b"])
    assert caught.value.code == "moodle.items_differ"


def test_an_answer_about_two_things_at_once_is_not_understood() -> None:
    item = {"useridnumber": "a", "groupidnumber": "b", **GOOD}
    keys = ("useridnumber", "groupidnumber")
    with pytest.raises(NotUnderstood):
        answers.results(Part({"results": [item]}, "f"), keys, ["a"], "f")
    one_empty = Part({"results": [{**item, "groupidnumber": ""}]}, "f")
    assert answers.results(one_empty, keys, ["a"], "f").items[0].name == "a"


def test_an_item_that_is_no_object_is_not_understood() -> None:
    with pytest.raises(NotUnderstood) as caught:
        answers.results(Part({"results": ["a"]}, "f"), ("idnumber",), ["a"], "f")
    assert caught.value.params["path"] == "results[0]"


def test_an_unknown_outcome_is_not_understood() -> None:
    with pytest.raises(NotUnderstood) as caught:
        results({"idnumber": "a", "outcome": "ok"}, asked=["a"])
    assert caught.value.params["path"] == "results[0].outcome"


# -------------------------------------------------------------------------------------------------------------- hashes


def mark(text: str) -> str:
    return f"<{len(text)}>"


def test_secrets_are_sealed_wherever_they_stand() -> None:
    value = {"people": [{"password": "p4ss", "name": "A"}, {"password": ""}], "secret": "s", "n": Decimal("1.50")}
    assert sealed(value, mark) == {
        "people": [{"password": "sealed:<4>", "name": "A"}, {"password": ""}],
        "secret": "sealed:<1>",
        "n": "1.50",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4))
def test_the_order_of_names_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical_hash(value) == canonical_hash(dict(reversed(value.items())))


@settings(deadline=None)
@given(JSON, JSON)
def test_other_content_has_another_hash(one: Any, other: Any) -> None:
    def spelled(value: Any) -> str:
        return json.dumps(value, sort_keys=True)

    assert (canonical_hash(one) == canonical_hash(other)) == (spelled(one) == spelled(other))


def test_a_hash_is_the_same_in_every_run() -> None:
    assert (
        canonical_hash({"b": [1, "ң"], "a": None}) == "0c512447cf0f60a1aee48524f8602c51541860aea5e0b40c5ac843ecdcebf9f4"
    )


@settings(deadline=None)
@given(JSON, st.lists(st.text(max_size=5), max_size=3))
def test_an_operation_key_is_one_the_contract_allows(params: Any, seen: list[str]) -> None:
    key = operation_key("import_questions", params, seen)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", key)
    assert key != operation_key("import_questions", params, [*seen, "more"])
    assert key != operation_key("set_question_status", params, seen)
