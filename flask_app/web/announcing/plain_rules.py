"""A rule pack in plain words: what it asks for, sentence by sentence, under the act and point each comes from."""

from __future__ import annotations

from collections.abc import Iterator

from flask_app.domain.rule_pack import RulePack, Sourced, Threshold
from flask_app.services.citations import Citation
from flask_app.web.wording import Wording

Said = tuple[str, Sourced]


def plain_rules(word: Wording, pack: RulePack) -> list[tuple[Citation, list[str]]]:
    """Sentences in the order of a competition's stages, gathered under one citation as long as it stays the same."""
    groups: list[tuple[Citation, list[str]]] = []
    for sentence, parameter in _sentences(word, pack):
        citation = word.cited(pack.rule(parameter), pack)
        if citation is None:
            continue  # a parameter of a pack always has a rule
        if not groups or groups[-1][0] != citation:
            groups.append((citation, []))
        groups[-1][1].append(sentence)
    return groups


def _sentences(word: Wording, pack: RulePack) -> Iterator[Said]:
    yield word.say("plain_internal_first"), pack.internal_first
    yield word.say("plain_announcement", n=len(pack.announcement.items)), pack.announcement
    yield word.say("plain_documents", n=len(pack.required_documents)), pack.documents
    yield from _grounds(word, pack)
    notice = pack.test.notice
    yield word.say(f"plain_notice_{notice.unit}", n=notice.days), notice
    yield _test(word, pack), pack.test
    yield from _thresholds(word, "plain_interview", pack.test.interview_if)
    yield from _thresholds(word, "plain_reserve", pack.test.reserve_if)
    quorum = pack.commission.quorum
    yield word.say("plain_quorum", quorum=quorum) if quorum else word.say("plain_majority"), pack.commission
    term = pack.appointment
    yield word.say(f"plain_appointment_{term.unit}", n=term.days), term
    yield word.say("plain_probation", n=pack.probation.max_months), pack.probation


def _grounds(word: Wording, pack: RulePack) -> Iterator[Said]:
    grounds = pack.admission_grounds
    if grounds:
        listed = "; ".join(_lower(str(word.text(ground.title.model_dump()))) for ground in grounds)
        yield f"{word.say('plain_grounds', n=len(grounds))} {listed}.", grounds[0]


def _test(word: Wording, pack: RulePack) -> str:
    blocks = ", ".join(f"{_lower(str(word.text(b.title.model_dump())))} – {b.count}" for b in pack.test.blocks)
    minutes = word.say("plain_minutes", n=pack.test.duration_minutes)
    return f"{word.say('plain_test', n=pack.test.questions)} {blocks}. {minutes}"


def _thresholds(word: Wording, name: str, thresholds: tuple[Threshold, ...]) -> Iterator[Said]:
    for threshold in thresholds:
        if threshold.min_percent is not None:
            yield word.say(name, percent=threshold.min_percent), threshold


def _lower(text: str) -> str:
    """A title in the middle of a sentence."""
    return text[:1].lower() + text[1:]
