"""One request at a time, in this process: what a page costs in queries, processor time and bytes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from flask_app.bench.panel_pages import Address, entered
from flask_app.bench.panel_statements import Statements

MOST_ADDRESSES = 12
"""Addresses of one page that are measured: the largest answers first, then others as they were found."""

LARGEST = 4


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one page: the most queries and processor milliseconds of its addresses, with where that was; bytes of it."""

    addresses: int
    queries: int
    queries_at: str
    processor_ms: float
    bytes: int


def chosen(addresses: Sequence[Address]) -> list[Address]:
    """The largest answers, whoever gets them, and others up to the number that is measured, all logins in turn."""
    largest: dict[str, Address] = {}
    for address in sorted(addresses, key=lambda one: (-one.size, one.url, one.login)):
        largest.setdefault(address.url, address)
    taken = list(largest.values())[:LARGEST]
    turn: dict[str, int] = {}
    rest = []
    for address in addresses:
        turn[address.login] = turn.get(address.login, 0) + 1
        rest.append((turn[address.login], address.login, address))
    others = [address for _, _, address in sorted(rest, key=lambda one: one[:2]) if address not in taken]
    return [*taken, *others][:MOST_ADDRESSES]


def measure(engine: Engine, addresses: Sequence[Address], clients: dict[str, FlaskClient]) -> Cost:
    """Each address is asked for twice, so that what is read once in a process's life is not counted."""
    most: tuple[int, Address] = (0, addresses[0])
    slowest, size = 0.0, 0
    for address in addresses:
        client = clients[address.login]
        client.get(address.url)
        with Statements(engine) as statements:
            begun = time.thread_time()
            answer = client.get(address.url)
            slowest = max(slowest, time.thread_time() - begun)
        assert answer.status_code == 200, (address, answer.status_code)
        size = max(size, len(answer.get_data()))
        most = max(most, (len(statements.sent), address), key=lambda one: one[0])
    return Cost(len(addresses), most[0], f"{most[1].url} ({most[1].login})", round(slowest * 1000, 1), size)


def clients_of(app: Flask, logins: Sequence[str], password: str) -> dict[str, FlaskClient]:
    return {login: entered(app, login, password) for login in logins}
