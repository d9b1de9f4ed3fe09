"""The objects of the loaded body that a walk begins at: some of each state, and of each situation within a state."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine, text

SAMPLED = text(
    """
    WITH sessions AS (SELECT DISTINCT competition_id FROM test_session),
         meetings AS (SELECT m.competition_id, bool_or(v.id IS NOT NULL) AS voted
                      FROM meeting m LEFT JOIN vote v ON v.meeting_id = m.id GROUP BY m.competition_id)
    SELECT 'competition' AS type, id, state, situation FROM (
        SELECT c.id, c.state, k.situation,
               row_number() OVER (PARTITION BY c.state, k.situation ORDER BY count(a.id) DESC, c.code) AS place
        FROM competition c
        LEFT JOIN sessions s ON s.competition_id = c.id
        LEFT JOIN meetings m ON m.competition_id = c.id
        CROSS JOIN LATERAL (SELECT concat_ws(' ', c.state, CASE WHEN s.competition_id IS NOT NULL THEN 'test' END,
            CASE WHEN m.competition_id IS NOT NULL THEN 'sitting' END, CASE WHEN m.voted THEN 'votes' END)
            AS situation) k
        LEFT JOIN application a ON a.competition_id = c.id
        WHERE c.body_id = :body
        GROUP BY c.id, k.situation) AS competitions WHERE place <= :most
    UNION ALL
    SELECT 'training_order', id, state, state FROM (
        SELECT id, state, row_number() OVER (PARTITION BY state ORDER BY code) AS place
        FROM training_order WHERE body_id = :body) AS orders WHERE place = 1
    UNION ALL
    SELECT 'document', id, state, kind || ' ' || state FROM (
        SELECT id, kind, state, row_number() OVER (PARTITION BY kind, state ORDER BY created_at) AS place
        FROM document WHERE body_id = :body) AS papers WHERE place = 1
    UNION ALL
    SELECT 'question', id, state, situation FROM (
        SELECT i.id, i.state, k.situation, row_number() OVER (PARTITION BY k.situation ORDER BY i.twin_group) AS place
        FROM question_item i
        CROSS JOIN LATERAL (SELECT concat_ws(' ', i.state, CASE WHEN i.version > 1 THEN 'changed' END)
            AS situation) k
        WHERE i.body_id = :body) AS questions WHERE place = 1
    UNION ALL
    SELECT 'question_bank', id, '', '' FROM (
        SELECT id, row_number() OVER (ORDER BY code) AS place
        FROM question_bank WHERE body_id = :body) AS banks WHERE place = 1
    """
)
"""Objects in each of their states, the largest of them first; what of a competition was done already parts its state
further: its test is scheduled or not, its sitting open or not, votes given or not."""

PAGES = {
    "competition": "procedures.competition",
    "training_order": "procedures.training_order",
    "document": "papers.show",
}
"""Where a walk begins; everything else, the pages of the other objects too, is found by links."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """One object. `situation`: its state and what else its pages differ by."""

    type: str
    id: UUID
    state: str
    situation: str


def objects_of(engine: Engine, body: UUID, most: int) -> list[Sampled]:
    """Procedures, papers, questions and banks of the body in each situation; of competitions at most `most` in each."""
    with engine.connect() as connection:
        return [Sampled(*row) for row in connection.execute(SAMPLED, {"body": body, "most": most})]
