"""What long lists share: a page of them, and looking for text in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, BindParameter, ColumnElement, Select, Uuid, bindparam, func, or_, select
from sqlalchemy.orm import Session

PAGE_SIZE = 25

IDS: BindParameter[Any] = bindparam("ids", type_=ARRAY(Uuid(as_uuid=True)))
OF_BODY: BindParameter[UUID] = bindparam("of_body", type_=Uuid(as_uuid=True))
"""What large statements about the objects of a list are asked with: they are put together once, not on every page. The
ids go as one array: as fifty parameters they would be written out, taken apart and planned one by one.
"""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """One page of a list. `total` counts the whole list under the filter."""

    rows: tuple[Row, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return pages_of(self.total)

    @property
    def first(self) -> int:
        """The place of the first row in the whole list, from 1."""
        return (self.page - 1) * PAGE_SIZE + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.page * PAGE_SIZE, self.total)


def pages_of(total: int) -> int:
    return max(1, -(-total // PAGE_SIZE))


def slice_of(rows: Sequence[Row], page: int) -> Slice[Row]:
    """One page of what is in hand already: the nearest one that exists."""
    page = min(page, pages_of(len(rows)))
    return Slice(tuple(rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]), len(rows), page)


def read_page(session: Session, query: Select[*tuple[Any, ...]], page: int) -> tuple[list[Any], int, int]:
    """The rows of one page, how many there are in all, and the page that was read (the nearest one that exists)."""
    rows, total = read_rows(session, query, PAGE_SIZE, (page - 1) * PAGE_SIZE)
    if not rows and page > 1:
        beyond = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
        page = pages_of(beyond)
        rows, total = read_rows(session, query, PAGE_SIZE, (page - 1) * PAGE_SIZE)
    return rows, total, page


def read_rows(session: Session, query: Select[*tuple[Any, ...]], limit: int, offset: int = 0) -> tuple[list[Any], int]:
    """A part of a list and the length of the whole list (0 behind its end): one query instead of two."""
    counted = query.add_columns(func.count().over().label("total_"))
    rows = list(session.execute(counted.limit(limit).offset(offset)).all())
    return rows, rows[0].total_ if rows else 0


def holds_text(wanted: str, *columns: Any) -> ColumnElement[bool]:
    """Whether one of the columns holds the wanted text; case does not matter, nor whether ё is written as е."""
    wanted = wanted.lower().replace("ё", "е")
    return or_(*(func.replace(func.lower(column), "ё", "е").contains(wanted, autoescape=True) for column in columns))
