"""A small HTTP server that does what a script says, byte by byte: also what no proper server would do."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

Act = Callable[[socket.socket], bool]
"""Answers one request on its connection; True keeps the connection alive."""


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived: the request line, headers with lower-case names, the form, and the number of its connection."""

    line: str
    headers: Mapping[str, str]
    form: Sequence[tuple[str, str]]
    connection: int

    def __getitem__(self, name: str) -> str:
        return dict(self.form)[name]


def reply(body: bytes | object, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> Act:
    """A whole answer; anything but bytes goes out as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}

    def act(connection: socket.socket) -> bool:
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        connection.sendall(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + content)
        return True

    return act


def raw(content: bytes) -> Act:
    """These bytes, then the end of the connection."""

    def act(connection: socket.socket) -> bool:
        connection.sendall(content)
        return False

    return act


def hang_up(connection: socket.socket) -> bool:
    """Not a byte, then the end of the connection."""
    connection.shutdown(socket.SHUT_RDWR)
    return False


def reset(connection: socket.socket) -> bool:
    """A reset instead of an orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


class ScriptedServer:
    """Answers the n-th request with the n-th act, and every further one with the last."""

    def __init__(self, *acts: Act, tls: ssl.SSLContext | None = None) -> None:
        self._acts = list(acts)
        self._tls = tls
        self.requests: list[Request] = []
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"

    def silence(self, connection: socket.socket) -> bool:
        """Says nothing until the test is over."""
        self._closing.wait(30)
        connection.close()
        return False

    def drip(self, connection: socket.socket) -> bool:
        """An answer of one byte every 20 ms that never ends."""
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not self._closing.wait(0.02):
            connection.sendall(b"1")
        return False

    def add(self, *acts: Act) -> None:
        self._acts.extend(acts)

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed by the end of the test
            number += 1
            self._start(self._serve, connection, number)

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
        except OSError:
            return  # the client did not accept the certificate
        connection.settimeout(0.1)
        with connection:
            while not self._closing.is_set():
                try:
                    request = _read(connection, number, self._closing)
                    if request is None:
                        return
                    act = self._acts[min(len(self.requests), len(self._acts) - 1)]
                    self.requests.append(request)
                    if not act(connection):
                        return
                except OSError:
                    return  # the client went away, as many of these scripts make it do


def _read(connection: socket.socket, number: int, closing: threading.Event) -> Request | None:
    buffer = b""
    while b"\r\n\r\n" not in buffer:
        piece = _receive(connection, closing)
        if not piece:
            return None
        buffer += piece
    head, _, body = buffer.partition(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (entry.partition(":") for entry in rest)}
    while len(body) < int(headers.get("content-length", "0")):
        piece = _receive(connection, closing)
        if not piece:
            return None
        body += piece
    return Request(line, headers, parse_qsl(body.decode(), keep_blank_values=True), number)


def _receive(connection: socket.socket, closing: threading.Event) -> bytes:
    while not closing.is_set():
        try:
            return connection.recv(65536)
        except TimeoutError:
            continue
    return b""
