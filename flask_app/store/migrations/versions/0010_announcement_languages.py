"""An announcement keeps each item by language: {item: {language: text}} instead of {item: text}.

The one field of before did not say its language. The form filled in the title of the post in the language of its
reader, so an item "position" that still is one of the two titles tells it; else the account's language of whoever
drafted does; else it was Russian, as most offices type. Going down keeps the Russian text, and the Kyrgyz one where
there is no Russian.

Revision: 0010, after the seats of commissions
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LANGUAGE = """
    CASE
        WHEN btrim(c.announcement ->> 'position') = c.title ->> 'ru' THEN 'ru'
        WHEN btrim(c.announcement ->> 'position') = c.title ->> 'ky' THEN 'ky'
        WHEN (
            SELECT author.language
            FROM object_version AS drafted
            JOIN user_account AS author ON author.id = drafted.author_id
            WHERE drafted.object_id = c.id
            ORDER BY drafted.version
            LIMIT 1
        ) = 'ky' THEN 'ky'
        ELSE 'ru'
    END
"""


def upgrade() -> None:
    op.execute(
        f"""
        UPDATE competition AS c
        SET announcement = (
            SELECT jsonb_object_agg(item.key, jsonb_build_object({LANGUAGE}, item.value))
            FROM jsonb_each(c.announcement) AS item
        )
        WHERE c.announcement <> '{{}}'::jsonb
        """  # noqa: S608 - the language is the constant above
    )


def downgrade() -> None:
    op.execute(
        """
        UPDATE competition AS c
        SET announcement = (
            SELECT jsonb_object_agg(
                item.key, coalesce(nullif(btrim(item.value ->> 'ru'), ''), item.value ->> 'ky', '')
            )
            FROM jsonb_each(c.announcement) AS item
        )
        WHERE c.announcement <> '{}'::jsonb
        """
    )
