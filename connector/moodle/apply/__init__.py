"""Carrying a reviewed plan out: exactly its steps, in chunks, each under its key, resumable after any interruption."""

from connector.moodle.apply.run import apply_plan

__all__ = ["apply_plan"]
