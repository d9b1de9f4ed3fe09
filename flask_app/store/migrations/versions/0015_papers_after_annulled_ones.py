"""After a paper is annulled a new one of its kind may be drawn up beside it; one of a kind stands at a time.

Revision: 0015, after recalled notices
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE = "document"
COLUMNS = ["subject_type", "subject_id", "kind"]
ONE_OF_A_KIND = "uq_document_subject_type_subject_id_kind"
STANDING = "uq_document_standing"
WHERE = "state NOT IN ('annulled', 'archived')"


def upgrade() -> None:
    op.drop_constraint(op.f(ONE_OF_A_KIND), TABLE, type_="unique")
    op.create_index(STANDING, TABLE, COLUMNS, unique=True, postgresql_where=sa.text(WHERE))


def downgrade() -> None:
    # The older schema holds one paper of a kind per subject: none may be thrown away for that.
    query = "SELECT count(*) FROM (SELECT 1 FROM document GROUP BY subject_type, subject_id, kind HAVING count(*) > 1) d"
    doubled = op.get_bind().scalar(sa.text(query))
    if doubled:
        raise RuntimeError(f"{doubled} papers were drawn up anew after an annulled one: revision 0014 has no place for both")
    op.drop_index(STANDING, table_name=TABLE, postgresql_where=sa.text(WHERE))
    op.create_unique_constraint(op.f(ONE_OF_A_KIND), TABLE, COLUMNS)
