"""What can go wrong with the embedded database."""

from __future__ import annotations

from flask_app.domain.errors import OutsideError


class EmbeddedError(OutsideError):
    """The embedded PostgreSQL could not be found, made, started or reached; codes `database.*`."""
