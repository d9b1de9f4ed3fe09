"""Between the server and the panel: keeps every page exactly as it went out, to be held against the law of pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request

from tests.web.client import Page, check_page

Wsgi = Callable[..., Iterable[bytes]]


@dataclass
class Watch:
    """`answers`: pages not checked yet. `seen`: endpoint and status of everything that went out, by anybody."""

    app: Flask
    answers: list[TestResponse] = field(default_factory=list)
    seen: set[tuple[str, int]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._inner: Wsgi = self.app.wsgi_app
        self.app.wsgi_app = self._between  # type: ignore[method-assign]  # Flask's documented way to wrap a middleware

    def _between(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        told: list[tuple[str, Headers]] = []

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            told.append((status, Headers(headers)))
            return start_response(status, headers, *more)

        body = self._inner(environ, start)
        status, headers = told[-1]
        with self._lock:
            self.seen.add((self._endpoint(environ), int(status[:3])))
        if not headers.get("Content-Type", "").startswith("text/html") or status.startswith("3"):
            return body
        sent = b"".join(body)
        with self._lock:
            self.answers.append(TestResponse([sent], status, headers, Request(environ)))
        return [sent]

    def _endpoint(self, environ: dict[str, Any]) -> str:
        try:
            found = self.app.url_map.bind_to_environ(environ).match()
        except HTTPException:
            return ""
        return str(found[0])

    def check(self) -> int:
        """Hold every page that went out since the last time against the law; returns how many there were."""
        with self._lock:
            pages, self.answers = self.answers, []
        paths = self.app.url_map.bind("localhost")
        for answer in pages:
            try:
                check_page(Page(answer), paths)
            except Exception as problem:
                problem.add_note(f"{answer.request.method} {answer.request.path} ({answer.status})")
                raise
        return len(pages)
