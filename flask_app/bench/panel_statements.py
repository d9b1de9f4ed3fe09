"""Counting what is asked of the database."""

from __future__ import annotations

from sqlalchemy import Engine, event


class Statements:
    """The statements an engine sends while the block lasts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.sent: list[str] = []

    def __enter__(self) -> Statements:
        self.sent = []
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.sent.append(statement)
