"""A TCP proxy between client and site that spoils single connections. Each connection takes the next word of `faults`.

| word | the site | the client |
|---|---|---|
| `pass` | gets the call | gets the answer |
| `refuse` | gets nothing | the connection is closed at once |
| `cut` | gets nothing | the connection is reset after half of its request |
| `busy` | gets nothing | 503 with `Retry-After: 5` |
| `maintenance` | gets nothing | 503 with a page and `Retry-After: 35` |
| `lose_reply` | does the call | nothing |
| `truncate` | does the call | half of the answer |
| `slow` | does the call | the answer after `pause` seconds |
| `gateway` | does the call | 504 and a page |
| `html` | does the call | a page of a network that wants a log-in |
| `notice` | does the call | a PHP notice, then the answer |
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import Counter
from types import TracebackType
from typing import Self

UNHEARD = ("refuse", "cut", "busy", "maintenance")
AFTER_THE_EFFECT = ("lose_reply", "truncate", "slow", "gateway", "html", "notice")
FAULTS = ("pass", *UNHEARD, *AFTER_THE_EFFECT)
_NOTICE = b"\nNotice: Undefined index: x in /var/www/local/other/lib.php on line 31\n"


def page(status: str, text: str, *headers: str) -> bytes:
    body = f"<html><body>{text}</body></html>".encode()
    head = [f"HTTP/1.1 {status}", "Content-Type: text/html", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "Connection: close", "", ""]).encode() + body


class FaultProxy:
    """`met` counts the words that were used."""

    def __init__(self, host: str, port: int, pause: float = 0.3) -> None:
        self._target = (host, port)
        self._pause = pause
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.faults: list[str] = []
        self.met: Counter[str] = Counter()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # the proxy was closed
            fault = self.faults.pop(0) if self.faults else "pass"
            self.met[fault] += 1
            threading.Thread(target=self._serve, args=(client, fault), daemon=True).start()

    def _serve(self, client: socket.socket, fault: str) -> None:
        with client:
            try:
                self._spoil(client, fault)
            except OSError:
                return  # the client went away, as some of these faults make it do

    def _spoil(self, client: socket.socket, fault: str) -> None:
        if fault == "refuse":
            return
        if fault == "cut":
            client.settimeout(10)
            client.recv(100)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        request = self._whole(client)
        if not request:
            return
        answer = self._answer(request, fault)
        if fault == "slow":
            time.sleep(self._pause)
        if fault != "lose_reply":
            client.sendall(answer[: len(answer) // 2] if fault == "truncate" else answer)

    def _answer(self, request: bytes, fault: str) -> bytes:
        if fault == "busy":
            return page("503 Service Unavailable", "busy", "Retry-After: 5")
        if fault == "maintenance":
            return page("503 Service Unavailable", "back soon", "Retry-After: 35")
        with socket.create_connection(self._target, 10) as site:
            site.sendall(request.replace(b"Connection: keep-alive", b"Connection: close", 1))
            answer = b"".join(iter(lambda: site.recv(65536), b""))
        if fault == "gateway":
            return page("504 Gateway Timeout", "gave up")
        if fault == "html":
            return page("200 OK", "Log in to the network")
        if fault == "notice":
            body = _NOTICE + answer.partition(b"\r\n\r\n")[2]
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            return head.encode() + b"Connection: close\r\n\r\n" + body
        return answer

    @staticmethod
    def _whole(client: socket.socket) -> bytes:
        """One request: the client opens a connection for each, since every answer says `Connection: close`."""
        client.settimeout(10)
        data = b""
        while b"\r\n\r\n" not in data and (piece := client.recv(65536)):
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
        )
        while len(body) < length and (piece := client.recv(65536)):
            data, body = data + piece, body + piece
        return data
