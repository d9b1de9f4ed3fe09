"""Two logins that differ only as their letters are written are one; whether a candidate's language was chosen is known;
a grade batch may have come as a spreadsheet.

Revision: 0013, after recusals
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from flask_app.domain.errors import Refused

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

USERS, PEOPLE, BATCHES = "user_account", "person", "grade_batch"
FOLDED, CHOSEN = "login_folded", "language_chosen"
OF_SHEET = ("source_sha256", "source_kind")


def upgrade() -> None:
    _refuse_doubles()
    op.add_column(USERS, sa.Column(FOLDED, sa.String(), nullable=True))
    table = sa.table(USERS, sa.column("login", sa.String()), sa.column(FOLDED, sa.String()))
    for login in _logins():
        op.execute(table.update().where(table.c.login == login).values({FOLDED: _fold(login)}))
    op.alter_column(USERS, FOLDED, nullable=False)
    op.create_unique_constraint(op.f(f"uq_{USERS}_{FOLDED}"), USERS, [FOLDED])
    op.add_column(PEOPLE, sa.Column(CHOSEN, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.alter_column(PEOPLE, CHOSEN, server_default=None)
    # Until now a choice left its trace in the log only.
    op.execute(
        f"UPDATE {PEOPLE} SET {CHOSEN} = true WHERE id::text IN"  # noqa: S608 - constants
        " (SELECT object_id FROM audit_event WHERE action = 'person.language_chosen')"
    )
    for name in OF_SHEET:
        op.add_column(BATCHES, sa.Column(name, sa.String(), server_default="", nullable=False))
        op.alter_column(BATCHES, name, server_default=None)


def downgrade() -> None:
    for name in OF_SHEET:
        op.drop_column(BATCHES, name)
    op.drop_column(PEOPLE, CHOSEN)
    op.drop_constraint(op.f(f"uq_{USERS}_{FOLDED}"), USERS, type_="unique")
    op.drop_column(USERS, FOLDED)


def _refuse_doubles() -> None:
    """Which of two people keeps the login is for their administrator to say: nothing is renamed unasked."""
    alike: dict[str, list[str]] = defaultdict(list)
    for login in _logins():
        alike[_fold(login)].append(login)
    doubles = [login for logins in alike.values() if len(logins) > 1 for login in logins]
    if doubles:
        raise Refused("database.logins_alike", logins=", ".join(f"«{login}»" for login in doubles), login=doubles[0])


def _logins() -> list[str]:
    return list(op.get_bind().scalars(sa.text(f"SELECT login FROM {USERS} ORDER BY login")))  # noqa: S608 - a constant


def _fold(login: str) -> str:
    """As `flask_app.domain.identity.fold_login` had it when this was written."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold())
