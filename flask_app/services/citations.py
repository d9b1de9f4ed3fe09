"""The rule behind a refusal as a reader sees it: the act in their language, its point, the pack that carries it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_app.domain.errors import NotFound, Rule
from flask_app.domain.rule_pack import RulePack
from flask_app.store.rule_packs import shipped_pack

UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Citation:
    """`language`: of the act's title. `point` is empty where nobody has seen the act itself: said so, never guessed."""

    act: str
    language: str
    point: str
    pack: str
    version: str


def cite(rule: Rule, language: str, pack: RulePack | None = None) -> Citation:
    """The citation of `rule`. `pack`: the rules frozen for the procedure; without it the shipped ones are asked."""
    pack_id, _, version = rule.pack.partition(" v")
    act, act_language = _act(rule, language, pack or _shipped(pack_id))
    return Citation(act, act_language, "" if rule.point == UNVERIFIED else rule.point, pack_id, version)


def _shipped(pack_id: str) -> RulePack | None:
    try:
        return shipped_pack(pack_id)
    except NotFound:
        return None  # a pack that no longer ships: the rule itself still says its act


def _act(rule: Rule, language: str, pack: RulePack | None) -> tuple[str, str]:
    """The act's title and its language. A rule carries the Russian title; the pack may know it in the reader's."""
    for act in pack.acts.values() if pack is not None else ():
        named = act.named(language)
        if named and act.named("ru") == rule.act:
            return named, language
    return rule.act, "ru"
