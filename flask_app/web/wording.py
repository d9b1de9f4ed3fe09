"""What the reader sees for what the program holds: states, steps, titles, figures, the parameters of a sentence.

One object per page, bound to its language and to the day at the body; templates know it as `word`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask_app.domain.errors import KyzmatError, Rule
from flask_app.domain.identity import ROLES
from flask_app.domain.names import sort_key
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflow import Refusal, Transition
from flask_app.domain.workflows import WORKFLOWS
from flask_app.messages import Explanation, Language, explain, label
from flask_app.messages.catalogue import catalogue
from flask_app.services.citations import Citation, cite
from flask_app.services.deadlines_of import Deadline
from flask_app.services.journal import Entry
from flask_app.web import dates
from flask_app.web.states import LOOKS, Look

EMPTY = "–"
WRITTEN_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

ORDER: Mapping[str, tuple[str, ...]] = {
    "ky": ("ky", "ru", "kk", "en"),
    "ru": ("ru", "ky", "kk", "en"),
    "kk": ("kk", "ru", "ky", "en"),
    "en": ("en", "ru", "ky", "kk"),
}
"""In which order a text of the body is looked for, by the reader's language."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text and, where it is not of the page's language, the language it is in."""

    text: str
    foreign: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Why:
    """A refusal as a page shows it: the sentence, and the rule behind it."""

    said: Explanation
    citation: Citation | None


@dataclass(frozen=True, slots=True)
class Change:
    """A field of an event: its name, and its value before and after (before is empty for what is new)."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """Sentences that rest on the same rule."""

    said: tuple[Explanation, ...]
    citation: Citation | None


@lru_cache(maxsize=4096)
def _length(months: int, language: Language) -> str:
    """A page has hundreds of them, of a few dozen kinds."""
    parts = [("length_years", months // 12), ("length_months", months % 12)]
    return " ".join(label(name, language, n=count) for name, count in parts if count) or label("length_none", language)


class Wording:
    """`today`: at the body, so that «сегодня» is the body's own."""

    def __init__(self, language: Language, today: date) -> None:
        self.language = language
        self.today = today

    def say(self, name: str, **params: object) -> str:
        return label(name, self.language, **params)

    def known(self, name: str) -> bool:
        """Whether the catalogue has a label; only for names that data bring along."""
        return f"label.{name}" in catalogue()

    # -- texts of the body -------------------------------------------------------------------------------------------

    def text(self, texts: Mapping[str, object] | None) -> Words:
        """The body's own text in the reader's language, or in the next one it has."""
        for language in ORDER[self.language]:
            said = str((texts or {}).get(language) or "").strip()
            if said:
                return Words(said, "" if language == self.language else language)
        return Words(EMPTY)

    # -- workflow ----------------------------------------------------------------------------------------------------

    def state(self, workflow: str, state: str) -> str:
        return self.say(f"state_{workflow}_{state}")

    def look(self, workflow: str, state: str) -> Look:
        return LOOKS[workflow][state]

    def stage(self, workflow: str, state: str) -> str:
        return self.say(f"stage_{workflow}_{state}")

    def step(self, workflow: str, transition: str) -> str:
        """What to do, as an infinitive: for buttons, refusals and tasks."""
        return self.say(f"step_{workflow}_{transition}")

    def done(self, workflow: str, transition: str) -> str:
        """What was done, as a sentence without a person: for histories."""
        return self.say(f"done_{workflow}_{transition}")

    def event(self, action: str) -> str:
        """What an audit event tells. An action nobody has worded yet is shown as it is recorded."""
        subject, _, verb = action.partition(".")
        for name in (f"did_{subject}_{verb}", f"done_{subject}_{verb}"):
            if self.known(name):
                return self.say(name)
        return action

    def group(self, group: str) -> str:
        """A group of posts; one the glossary does not name is shown as the register writes it."""
        return self.say(f"group_{group}") if self.known(f"group_{group}") else group

    def roles(self, roles: Iterable[str]) -> str:
        """Roles in the order of the glossary, with commas."""
        named = frozenset(roles)
        return ", ".join(self.say(f"role_{role}") for role in ROLES if role in named)

    def takers(self, step: Transition, signers: frozenset[str] | None) -> str:
        """Whose step it is; of those who may sign at all, the ones who sign this paper."""
        return self.roles(step.roles & signers if signers and step.id == "sign" else step.roles)

    def changes(self, entry: Entry) -> list[Change]:
        """What an event of the log changed, field by field; what stayed the same is left out."""
        names = [*entry.after, *(name for name in entry.before if name not in entry.after)]
        found = []
        for name in names:
            before, after = entry.before.get(name), entry.after.get(name)
            if before != after and plain(after or before) != EMPTY:
                shown = "" if name not in entry.before else self._field(entry.object_type, name, before)
                found.append(Change(self._field_name(name), shown, self._field(entry.object_type, name, after)))
        return found

    def _field_name(self, name: str) -> str:
        return self.say(f"field_{name}") if self.known(f"field_{name}") else name

    def _field(self, type_: str, name: str, value: Any) -> str:
        """States and kinds in words, dates as dates; everything else as it is recorded."""
        words = {
            "state": f"state_{type_}_{value}",
            "kind": f"paper_{value}",
            "role": f"role_{value}",
            "filter": f"state_application_{value}",
            "task": f"job_{value}",
            "shown_as": f"shown_as_{value}",
        }
        if self.known(words.get(name, "")):
            return self.say(words[name])
        if isinstance(value, datetime):
            return f"{dates.written_day(value.date())}, {dates.clock(value)}"
        if isinstance(value, str) and WRITTEN_DATE.fullmatch(value):
            return dates.written_day(date.fromisoformat(value))
        if name == "roles" and isinstance(value, list):
            return self.roles(value) or EMPTY
        if isinstance(value, Mapping) and value and value.keys() <= ORDER.keys():
            return str(self.text(value))
        return plain(value)

    # -- figures and dates -------------------------------------------------------------------------------------------

    def number(self, value: Decimal | float, places: int | None = None) -> str:
        """`1 250 000,50`: thin groups, decimal comma; in English a point."""
        shown = f"{value:,}" if places is None else f"{value:,.{places}f}"
        shown = shown.replace(",", "\u00a0")
        return shown if self.language == "en" else shown.replace(".", ",")

    def length(self, months: int) -> str:
        """A length of service: `5 лет 3 месяца`; of nothing that there is none."""
        return _length(months, self.language)

    def day(self, day: date) -> str:
        return dates.plain_day(day, self.language, self.today)

    def long_day(self, day: date) -> str:
        return dates.long_day(day, self.language)

    def short_day(self, day: date) -> str:
        return dates.short_day(day, self.language)

    def weekday(self, day: date) -> str:
        return dates.weekday(day, self.language)

    def dated(self, day: date) -> str:
        """`16 апреля, чт`, and today and yesterday by their names."""
        near = {0: "today", 1: "yesterday"}.get((self.today - day).days)
        return self.say(near) if near else f"{self.day(day)}, {self.weekday(day)}"

    def moment(self, moment: datetime) -> str:
        near = {0: "today", 1: "yesterday"}.get((self.today - moment.date()).days)
        return f"{self.say(near) if near else self.day(moment.date())}, {dates.clock(moment)}"

    def exact(self, moment: datetime) -> str:
        """Day and hour without «today»: for the middle of a sentence."""
        return f"{self.day(moment.date())}, {dates.clock(moment)}"

    def clock(self, moment: datetime) -> str:
        return dates.clock(moment)

    def heading_day(self) -> str:
        return f"{dates.whole_weekday(self.today, self.language)}, {self.long_day(self.today)}"

    def left(self, deadline: Deadline) -> str:
        """How much is left, always with its unit."""
        if deadline.left == 0:
            return self.say("left_today")
        return self.say(f"{'left' if deadline.left > 0 else 'late'}_{deadline.unit}", n=abs(deadline.left))

    def urgency(self, deadline: Deadline) -> str:
        """Class of the remaining time: late, soon (one day of its unit or less), or nothing."""
        if deadline.left < 0:
            return "late"
        return "soon" if deadline.left <= 1 else ""

    # -- sentences ---------------------------------------------------------------------------------------------------

    def why(self, refusal: Refusal | KyzmatError, pack: RulePack | None = None) -> Why:
        """The sentence of a refusal or an error, with its rule. A code without a sentence still gets a decent one."""
        params = self.spoken(refusal.params, pack)
        if refusal.code in catalogue():
            said = explain(refusal.code, self.language, params)
        else:
            said = Explanation(self.say("error_no_sentence", code=refusal.code))
        return Why(said, self.cited(refusal.rule, pack))

    def reasons(self, refusals: Iterable[Refusal], pack: RulePack | None) -> list[Reasons]:
        """The refusals of one step, those with the same rule together, so that a rule is named once."""
        groups: dict[Citation | None, list[Explanation]] = {}
        for refusal in refusals:
            why = self.why(refusal, pack)
            groups.setdefault(why.citation, []).append(why.said)
        return [Reasons(tuple(said), citation) for citation, said in groups.items()]

    def cited(self, rule: Rule | None, pack: RulePack | None = None) -> Citation | None:
        return None if rule is None else cite(rule, self.language, pack)

    def spoken(self, params: Mapping[str, object], pack: RulePack | None = None) -> dict[str, object]:
        """Parameters as they are read: dates and decimals written out, ids of the glossary put into words."""
        return {name: self._spoken(name, value, params, pack) for name, value in params.items()}

    def _spoken(self, name: str, value: object, params: Mapping[str, object], pack: RulePack | None) -> object:
        if isinstance(value, datetime):
            return self.exact(value)
        if isinstance(value, date):
            return self.long_day(value)
        if isinstance(value, Decimal):
            return self.number(value)
        if isinstance(value, str):
            return self._word(name, value, params, pack)
        return value

    def _word(self, name: str, value: str, params: Mapping[str, object], pack: RulePack | None) -> str:
        workflow = str(params.get("workflow") or _workflow_of(params))
        candidates: dict[str, tuple[str, ...]] = {
            "role": (f"role_{value}", f"seat_{value}"),
            "action": (f"action_{value}",),
            "workflow": (f"workflow_{value}",),
            "state": (f"state_{workflow}_{value}",),
            "transition": (f"step_{workflow}_{value}",),
            "kind": (f"paper_{value}",),
            "type": (f"object_{_snake(value)}",),
            "qtype": (f"bk_type_{value}",),
            "said_language": (f"language_{value}",),
            "kept_language": (f"language_{value}",),
        }
        for known in candidates.get(name, ()):
            if self.known(known):
                return self.say(known)
        if name == "missing":
            return ", ".join(self._item(item) for item in value.split(", "))
        if name in ("ground", "grounds") and pack is not None:
            return "; ".join(self._ground(item, pack) for item in value.split(", "))
        return value

    def _item(self, item: str) -> str:
        return self.say(f"item_{item}") if self.known(f"item_{item}") else item

    def _ground(self, ground_id: str, pack: RulePack) -> str:
        ground = pack.ground(ground_id)
        return ground_id if ground is None else str(self.text(ground.title.model_dump()))


def _workflow_of(params: Mapping[str, object]) -> str:
    """A refusal that names a step but no workflow is found by the step itself."""
    step = params.get("transition")
    return next((w.id for w in WORKFLOWS.values() if step in w.transitions), "")


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("_")


def by_name(names: Iterable[str]) -> list[str]:
    """Names in the order of the merged alphabet."""
    return sorted(names, key=sort_key)


def plain(value: Any) -> str:
    """A value of the audit log on one line."""
    if isinstance(value, Mapping) and value:
        return "; ".join(f"{name}: {plain(part)}" for name, part in value.items())
    if isinstance(value, list) and value:
        return ", ".join(plain(part) for part in value)
    return EMPTY if value is None or value in ("", [], {}) else str(value)
