"""The tables, one aggregate per module. Importing this package registers them all."""

from flask_app.store.models import (
    applications,
    audit,
    banks,
    commissions,
    documents,
    jobs,
    moodle,
    organisation,
    people,
    procedures,
    questions,
    results,
    testing,
    training,
    versions,
)

__all__ = [
    "applications",
    "audit",
    "banks",
    "commissions",
    "documents",
    "jobs",
    "moodle",
    "organisation",
    "people",
    "procedures",
    "questions",
    "results",
    "testing",
    "training",
    "versions",
]
