"""What a writer answers where its format has no words for a question."""

from __future__ import annotations

from collections.abc import Mapping

from gift_export.problems import excerpt


class CannotSayError(ValueError):
    """The format cannot say this question. `code` and `params` name the reason, `question` which one it is."""

    def __init__(self, code: str, question: str, **params: object) -> None:
        shown = {name: str(value) for name, value in params.items()}
        super().__init__(code, question, shown)
        self.code = code
        self.question = question
        self.params: Mapping[str, str] = {"question": excerpt(question, 60), **shown}

    def __str__(self) -> str:
        return f"{self.code}: {self.question!r} {dict(self.params)}"
