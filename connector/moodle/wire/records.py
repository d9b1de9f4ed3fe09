"""Records of the contract that the panel's port does not name: what single functions take and answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from flask_app.ports.moodle import Outcome, PresentQuestion

QuestionStatus = Literal["ready", "hidden"]
CardKind = Literal["test", "training", "result", "paper", "appeal", "notice"]


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """Core's own account of the site and of what the token may call. Its private access key is not read."""

    sitename: str
    release: str
    version: str
    functions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Course:
    id: int
    idnumber: str
    shortname: str
    fullname: str


@dataclass(frozen=True, slots=True)
class NewCourse:
    idnumber: str
    shortname: str
    fullname: str
    category: int = 1


@dataclass(frozen=True, slots=True)
class BankPage:
    """One page of a bank's state. `total`: entries of the whole bank."""

    cursor: str
    more: bool
    total: int
    questions: tuple[PresentQuestion, ...]


@dataclass(frozen=True, slots=True)
class QuestionText:
    """A question as it stands in Moodle, for the side-by-side of a drift."""

    state: PresentQuestion
    xml: str


@dataclass(frozen=True, slots=True)
class QuestionUpload:
    """`expected_version`: the latest version that was seen; 0 = the question is new. `form`: gift or xml."""

    idnumber: str
    content_hash: str
    category_path: str
    source: str
    expected_version: int
    form: Literal["gift", "xml"] = "gift"


@dataclass(frozen=True, slots=True)
class Override:
    """Other limits for one person or one group (exactly one of them named). None = as the test says."""

    useridnumber: str = ""
    groupidnumber: str = ""
    timeopen: datetime | None = None
    timeclose: datetime | None = None
    timelimit: int = 0
    attempts: int = 0
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A card of the trainee's page "My service". `titles`, `bodies`: text by language."""

    cardid: str
    useridnumber: str
    kind: CardKind
    titles: Mapping[str, str]
    bodies: Mapping[str, str]
    url: str = ""
    due: datetime | None = None
    state: str = ""
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Push:
    url: str
    secret: str = field(repr=False)
    events: tuple[str, ...] = ()


# -------------------------------------------------------------------------------------------------------- answers


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What became of one item of a list. Numbers that the function does not give are 0."""

    name: str
    outcome: Outcome
    message: str = ""
    version: int = 0
    entryid: int = 0
    questionid: int = 0
    userid: int = 0


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """One item per item asked for, in that order. `replayed`: Moodle had done it before under this key."""

    replayed: bool
    items: tuple[ItemAnswer, ...]


@dataclass(frozen=True, slots=True)
class PlacedSlot:
    slot: int
    idnumber: str
    entryid: int
    questionid: int
    version: int


@dataclass(frozen=True, slots=True)
class TestAnswer:
    """The quiz that stands now. `sumgrades`: the sum of its marks as a decimal string."""

    __test__ = False  # not a test class for pytest

    replayed: bool
    outcome: Outcome
    quizid: int
    cmid: int
    url: str
    sumgrades: str
    slots: tuple[PlacedSlot, ...]


@dataclass(frozen=True, slots=True)
class OneAnswer:
    """What became of a call about one thing (a bank, the push target)."""

    replayed: bool
    outcome: Outcome
