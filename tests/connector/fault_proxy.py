"""A TCP proxy between client and site that spoils single connections.

`refuse`: closed at once. `lose_reply`: the request goes through, the answer is thrown away. `truncate`: half of the
answer. `slow`: the answer comes after `pause` seconds. `pass`: nothing happens. Each connection takes the next word of
`faults`.
"""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import Self

FAULTS = ("pass", "refuse", "lose_reply", "truncate", "slow")


class FaultProxy:
    def __init__(self, host: str, port: int, pause: float = 0.3) -> None:
        self._target = (host, port)
        self._pause = pause
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.faults: list[str] = []
        self.passed = 0

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
            threading.Thread(target=self._serve, args=(client, fault), daemon=True).start()

    def _serve(self, client: socket.socket, fault: str) -> None:
        with client:
            if fault == "refuse":
                return
            request = self._whole(client)
            if not request:
                return
            self.passed += 1
            with socket.create_connection(self._target, 10) as site:
                site.sendall(request.replace(b"Connection: keep-alive", b"Connection: close", 1))
                answer = b"".join(iter(lambda: site.recv(65536), b""))
            if fault == "slow":
                time.sleep(self._pause)
            if fault != "lose_reply":
                client.sendall(answer[: len(answer) // 2] if fault == "truncate" else answer)

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
