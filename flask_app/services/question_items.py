"""Questions in the making: written, seen, remarked on, moved along their workflow, compared version by version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from flask_app.domain.errors import AlreadyThere, InvalidInput, NotFound, Refused
from flask_app.domain.workflow import Act, Offer
from flask_app.domain.workflows.question import QuestionFacts
from flask_app.services import audit
from flask_app.services.bank_rights import require_bank
from flask_app.services.listing import PAGE, Page, page_of_rows
from flask_app.services.local_time import local_time
from flask_app.services.office import Work
from flask_app.services.question_content import ComparedLine, compare_lines, lines_of, read_one
from flask_app.services.question_drafts import Checked, DraftText, Frame, as_draft, check, frame_of
from flask_app.services.rights import require
from flask_app.services.transitions import change_state, check_version, offered, save_version
from flask_app.store.models.banks import BankQuestion, QuestionBank
from flask_app.store.models.organisation import UserAccount
from flask_app.store.models.questions import QuestionComment, QuestionItem, QuestionView
from flask_app.store.models.versions import ObjectVersion
from question_banks.rules import GROUP_ID
