"""An application keeps the length of service its list tells, in months: it was read, judged, and forgotten.

Of those registered before, it is not known.

Revision: 0017, after frozen rules as text
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLE = "application"
LENGTHS = ("service_months", "specialty_months")


def upgrade() -> None:
    for name in LENGTHS:
        op.add_column(TABLE, sa.Column(name, sa.Integer(), nullable=True))
        op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, f"{name} >= 0")


def downgrade() -> None:
    told = op.get_bind().scalar(sa.text("SELECT count(*) FROM application WHERE service_months IS NOT NULL"))
    if told:
        raise RuntimeError(f"{told} applications tell a length of service: revision 0016 would forget it")
    for name in LENGTHS:
        op.drop_column(TABLE, name)
