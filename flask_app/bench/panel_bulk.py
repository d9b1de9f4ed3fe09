"""Rows by the ten thousand: COPY into the tables of the models, with the defaults the models give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Column, Connection
from sqlalchemy.dialects.postgresql import JSONB

from flask_app.store.base import Base
from flask_app.store.frozen_rules import FrozenRules

Row = dict[str, Any]


class Bulk:
    """Collects rows of one body and writes them in the order the foreign keys want, through the database's own checks.

    Nothing is switched off for speed: a row that the schema refuses ends the load.
    """

    def __init__(self, body_id: UUID) -> None:
        self.body_id = body_id
        self._waiting: dict[str, list[Row]] = defaultdict(list)
        self.written: dict[str, int] = defaultdict(int)

    def add(self, model: type[Base], **values: Any) -> Row:
        """Note a row; the one returned may still be changed until `flush`. It gets an id where the table has one."""
        columns = model.__table__.columns
        row: Row = {}
        if "id" in columns and columns["id"].identity is None:
            row["id"] = uuid4()
        if "body_id" in columns:
            row["body_id"] = self.body_id
        row |= values
        self._waiting[model.__tablename__].append(row)
        return row

    def flush(self, connection: Connection) -> None:
        """Write what waits, in one COPY per table."""
        for table in Base.metadata.sorted_tables:
            rows = self._waiting.pop(table.name, [])
            if rows:
                columns = [column for column in table.columns if column.identity is None and column.name in rows[0]]
                defaults = [column for column in table.columns if _given(column) and column.name not in rows[0]]
                copy_rows(connection, table.name, [*columns, *defaults], rows)
                self.written[table.name] += len(rows)


def _given(column: Column[Any]) -> bool:
    """Whether the model itself supplies a fixed value."""
    return column.default is not None and column.default.is_scalar


def copy_rows(connection: Connection, table: str, columns: list[Column[Any]], rows: Iterable[Row]) -> None:
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    raw = connection.connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor, cursor.copy(command) as copy:
        for values in _values(columns, rows):
            copy.write_row(values)


def _values(columns: list[Column[Any]], rows: Iterable[Row]) -> Iterator[list[Any]]:
    plan = [(column.name, isinstance(column.type, JSONB | FrozenRules), _default(column)) for column in columns]
    for row in rows:
        yield [_value(row, name, json, default) for name, json, default in plan]


def _default(column: Column[Any]) -> Any:
    return getattr(column.default, "arg", None) if _given(column) else None


def _value(row: Mapping[str, Any], name: str, json: bool, default: Any) -> Any:
    value = row.get(name, default)
    return Jsonb(value) if json and value is not None else value
