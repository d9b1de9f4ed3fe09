"""The PostgreSQL that an installation without one brings along: found, made, started, watched, stopped."""

from flask_app.store.embedded.cluster import Role
from flask_app.store.embedded.errors import EmbeddedError
from flask_app.store.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedError", "EmbeddedPostgres", "Role"]
