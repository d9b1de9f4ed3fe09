"""How patient and how strict the door is."""

from __future__ import annotations

from dataclasses import dataclass, field

from connector.transport.breaker import BreakerPolicy
from connector.transport.retry import RetryPolicy

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TransportOptions:
    """Times in seconds, sizes in bytes. There is no way to switch the check of certificates off.

    `total_timeout` bounds one attempt as a whole: a site that sends one byte a minute never meets the read timeout.
    `ca_bundle`: path of a PEM file with the authority of a site that has its own. `proxy`: URL of a forward proxy;
    the environment of the process is not asked, so that nobody redirects examination papers by a variable.
    """

    connect_timeout: float = 5.0
    read_timeout: float = 60.0
    total_timeout: float = 300.0
    max_reply_bytes: int = 64 * MEBIBYTE
    ca_bundle: str = ""
    proxy: str = ""
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
