"""The one door to HTTP: how a web-service call travels, when it is repeated, and what an answer means."""

from connector.transport.breaker import Breaker, BreakerPolicy, Resting
from connector.transport.options import TransportOptions
from connector.transport.retry import FailureKind, RetryPolicy, wait_before_retry
from connector.transport.session import RestSession

__all__ = [
    "Breaker",
    "BreakerPolicy",
    "FailureKind",
    "RestSession",
    "Resting",
    "RetryPolicy",
    "TransportOptions",
    "wait_before_retry",
]
