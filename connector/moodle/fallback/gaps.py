"""What the records lack when they come through core functions. The sentences are in `flask_app.messages`."""

from __future__ import annotations

from typing import Final

ALWAYS: Final = (
    "core.no_question_ids",
    "core.no_answer_times",
    "core.no_tombstones",
    "core.no_cursor",
    "core.only_enrolled",
    "core.no_server_time",
    "core.no_sync",
    "core.no_push",
)
"""Missing on every site: core has no function for it."""

QUESTION_UNKNOWN: Final = "core.question_unknown"
"""An answer whose question could not be told from its text."""

PERSON_UNKNOWN: Final = "core.person_unknown"
"""A person whose idnumber the account may not see, or who has none."""

MARK_ROUNDED: Final = "core.mark_rounded"
"""A partly right answer: core tells its mark only as the test shows it, rounded."""

RIGHT_ANSWER_HIDDEN: Final = "core.right_answer_hidden"
"""The review shows no right answer: the question type has none, or the account may not see it."""

RIGHT_ANSWER_WORDING: Final = "core.right_answer_wording"
"""The right answer of a question with several parts comes in the words of Moodle's page."""
