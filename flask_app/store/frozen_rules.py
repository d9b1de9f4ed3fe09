"""A rule pack in a column: the rules a procedure was frozen with."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, ColumnElement, Dialect, Text, TypeDecorator, cast, type_coerce

from flask_app.domain.rule_pack import RulePack

PACKS_KEPT = 64


class FrozenRules(TypeDecorator[RulePack]):
    """JSON in the database; an empty object where nothing is frozen yet, which is None here.

    Kept and read as text: hundreds of procedures share a handful of packs that never change, and each is parsed once.
    (`jsonb` would be written out anew for every row of every list.)
    """

    impl = JSON
    cache_ok = True

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return type_coerce(cast(column, Text), self)

    def process_bind_param(self, value: RulePack | None, _dialect: Dialect) -> dict[str, Any]:
        return {} if value is None else value.model_dump(mode="json")

    def process_result_value(self, value: str | None, _dialect: Dialect) -> RulePack | None:
        return None if value is None else _parsed(value)


@lru_cache(maxsize=PACKS_KEPT)
def _parsed(text: str) -> RulePack | None:
    return None if text == "{}" else RulePack.model_validate_json(text)
