"""Who acts: a user of one body with roles; local roles (this commission's member) are added per object."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from uuid import UUID

# Role ids follow the glossary of the domain; what each may do stands in the workflows' permission maps, nowhere else.
ADMINISTRATOR = "administrator"
HR_OFFICER = "hr_officer"
SECRETARY = "commission_secretary"
CHAIR = "commission_chair"
MEMBER = "commission_member"
HEAD = "head_of_body"
BANK_EDITOR = "bank_editor"
TEST_OPERATOR = "test_operator"
TRAINING_OFFICER = "training_officer"
AUDITOR = "auditor"

ROLES: tuple[str, ...] = (
    ADMINISTRATOR,
    HR_OFFICER,
    SECRETARY,
    CHAIR,
    MEMBER,
    HEAD,
    BANK_EDITOR,
    TEST_OPERATOR,
    TRAINING_OFFICER,
    AUDITOR,
)


def fold_login(login: str) -> str:
    """The form in which two spellings of one login are equal: upper and lower case, full-width and other forms of the
    same letter (Unicode's NFKC, case folded). Latin a and Cyrillic а stay two letters.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold())


@dataclass(frozen=True, slots=True)
class Actor:
    """A user at work. `body_id` bounds everything the actor can see; `person_id` ties it to votes and marks."""

    user_id: UUID
    login: str
    body_id: UUID
    roles: frozenset[str]
    person_id: UUID | None = None

    def with_roles(self, *roles: str) -> Actor:
        """The same actor with local roles added (they hold for one object only)."""
        return replace(self, roles=self.roles | frozenset(roles))
