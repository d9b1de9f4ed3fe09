"""What differs between two versions of a paper, line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flask_app.ports.sheet import Cell, Grid, Line, Piece, Row, Sheet
from flask_app.services.paper_reading import Change, differences

TEXTS = st.lists(st.text(alphabet="аөб ", min_size=1, max_size=4).filter(str.strip), max_size=8)


def sheet(texts: list[str]) -> Sheet:
    return Sheet(tuple(Line((Piece(text),)) for text in texts))


@given(TEXTS, TEXTS)
def test_the_changes_turn_one_version_into_the_other(old: list[str], new: list[str]) -> None:
    changes = list(differences(sheet(old), sheet(new)))
    assert (not changes) == (old == new)
    gone = sum(len(change.before) for change in changes)
    come = sum(len(change.after) for change in changes)
    assert len(old) - gone == len(new) - come
    assert [text for change in changes for text in change.after] == _subsequence(new, changes)


def _subsequence(new: list[str], changes: list[Change]) -> list[str]:
    """The lines that came, found one after another in the newer version."""
    rest = iter(new)
    return [next(text for text in rest if text == wanted) for change in changes for wanted in change.after]


def test_a_row_of_a_table_is_one_line() -> None:
    def grid(mark: str) -> Sheet:
        cells = tuple(Cell((Line((Piece(text),)),)) for text in ("1", "Токоев Б. С.", mark))
        return Sheet((Grid((Row(cells),), (1, 1, 1), ruled=True),))

    assert list(differences(grid("49"), grid("53"))) == [Change(("1 | Токоев Б. С. | 49",), ("1 | Токоев Б. С. | 53",))]
