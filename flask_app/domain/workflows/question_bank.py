"""Rights on a question bank: who sees that it is there, reads its questions, sees right answers, brings it to Moodle.

A bank takes no steps of its own, so it has one state and no transitions, and it is not listed among the workflows of
the procedures: to see that banks exist opens no procedure. Questions are read by whoever writes them and by the
auditor; right answers are open to the editor alone (DESIGN 3.10: question banks are the crown jewels).
"""

from __future__ import annotations

from flask_app.domain.identity import (
    ADMINISTRATOR,
    AUDITOR,
    BANK_EDITOR,
    HR_OFFICER,
    SECRETARY,
    TEST_OPERATOR,
)
from flask_app.domain.workflow import State, build

HELD = "held"
SYNC = frozenset({BANK_EDITOR, HR_OFFICER, SECRETARY})

WORKFLOW = build(
    "question_bank",
    HELD,
    states=[
        State(
            HELD,
            {
                "view": SYNC | {TEST_OPERATOR, AUDITOR},
                "read_questions": frozenset({BANK_EDITOR, AUDITOR}),
                "read_answers": frozenset({BANK_EDITOR}),
                "sync": SYNC,
                "view_sync": SYNC | {TEST_OPERATOR, AUDITOR},
                "examine": SYNC | {TEST_OPERATOR, ADMINISTRATOR, AUDITOR},
                "connect": frozenset({ADMINISTRATOR}),
            },
        )
    ],
    transitions=[],
)
