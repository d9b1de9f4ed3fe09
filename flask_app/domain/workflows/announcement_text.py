"""What an announcement has to say and in which languages: the items of the pack, and the original of a bilingual text.

`Said` is language -> the items that have words in it. The act asks for the items (S003 L94) and says nothing of
languages. Office work goes in the state language, and where Russian stands beside it the state-language text is the
original (Typical instruction on office work, point 2; DOMAIN C0). So each item is asked for in Kyrgyz. That the Russian
text is owed too, no source says: its gaps are told, never refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_app.domain.errors import Rule
from flask_app.domain.rule_pack import RulePack
from flask_app.domain.workflow import Refusal

Said = Mapping[str, frozenset[str]]

ORIGINAL: Mapping[str, tuple[str, Rule]] = {
    "KG": (
        "ky",
        Rule(
            "Типовая инструкция по делопроизводству, утверждённая постановлением от 3 марта 2020 г. № 120",
            "п. 2",
            "KG-120DP",
        ),
    ),
}
"""Jurisdiction -> the language of the original, and the rule that says so."""


def lacking(pack: RulePack, said: Said, language: str) -> tuple[str, ...]:
    """The items of the announcement that have no words in a language, in the order of the act."""
    there = said.get(language, frozenset())
    return tuple(item for item in pack.announcement.items if item not in there)


def gaps(pack: RulePack, said: Said) -> Iterable[Refusal]:
    """What keeps the text from going out: items that no language has (S003 L94), items the original lacks."""
    everywhere = frozenset[str]().union(*said.values())
    nowhere = [item for item in pack.announcement.items if item not in everywhere]
    if nowhere:
        rule = pack.rule(pack.announcement)
        yield Refusal("competition.announcement_incomplete", rule, {"missing": ", ".join(nowhere), "n": len(nowhere)})
    if pack.jurisdiction in ORIGINAL:
        language, rule = ORIGINAL[pack.jurisdiction]
        untold = [item for item in lacking(pack, said, language) if item in everywhere]
        if untold:
            yield Refusal(
                "competition.announcement_not_in_kyrgyz", rule, {"missing": ", ".join(untold), "n": len(untold)}
            )
