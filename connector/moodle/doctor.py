"""Is this site fit to be used? Asks, never writes, and names every thing that is missing, not only the first."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlsplit

from connector.moodle.client import PLUGIN, WIRE, MoodleClient, errorcode_of
from connector.moodle.fallback import gaps
from connector.moodle.fallback.core_results import NEEDED_FUNCTIONS as CORE_FUNCTIONS
from connector.moodle.wire.records import SiteInfo
from connector.moodle.wire.shape import Part
from flask_app.domain.errors import OutsideError, RefusedOutside
from flask_app.ports.clock import Clock
from flask_app.ports.moodle import MoodleSite

Level = Literal["ok", "warn", "bad"]
PLUGIN_MISSING = "moodle.plugin_missing"
OLDEST_BRANCH, NEWEST_BRANCH = 405, 500
SKEW_NOTICED, SKEW_HARMFUL = 5, 60  # seconds
CRON_LATE, CRON_DEAD = 5, 60  # minutes

NEEDED_FUNCTIONS = tuple(
    PLUGIN + name
    for name in (
        "get_site",
        "save_bank",
        "get_bank_state",
        "get_question",
        "import_questions",
        "set_question_status",
        "save_people",
        "save_enrolments",
        "save_test",
        "save_overrides",
        "get_progress",
        "get_results",
        "get_completions",
        "save_cards",
        "save_push",
    )
)
CHECK_PUSH = PLUGIN + "check_push"
"""Beside the contract: Moodle knocks at the panel now and says what came of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination; the sentence for `code` is in `flask_app.messages`."""

    code: str
    level: Level
    params: Mapping[str, object] = field(default_factory=dict)


def examine(client: MoodleClient, clock: Clock) -> tuple[Finding, ...]:
    """Everything that was found, in the order a person would mend it. Raises nothing for what the site does."""
    return tuple(_findings(client, clock))


def is_fit(findings: Sequence[Finding]) -> bool:
    return all(finding.level != "bad" for finding in findings)


def lacks_plugin(findings: Sequence[Finding]) -> bool:
    """Whether `local_kyzmat` has still to be installed."""
    return any(finding.code == PLUGIN_MISSING for finding in findings)


def _findings(client: MoodleClient, clock: Clock) -> Iterator[Finding]:
    yield _transport(client.session.base)
    try:
        info = client.site_info()
    except OutsideError as error:
        yield _no_entry(client, error)
        return
    yield Finding("doctor.answers", "ok", {"url": client.session.host, "release": info.release})
    before = clock.now()
    try:
        site = client.get_site()
    except OutsideError as error:
        yield from _no_greeting(error, info, client.session.host)
        return
    after = clock.now()
    yield Finding("doctor.mode_plugin", "ok")
    yield from _contract(site, info, client.session.host)
    yield from _capabilities(site)
    yield _clock(site.servertime, before + (after - before) / 2)
    yield _cron(site)
    yield _push(client, info)


def _no_entry(client: MoodleClient, error: OutsideError) -> Finding:
    """Why even the first question is refused. Moodle has one code for a closed service, an account that may not use it
    and an expired key; it deletes the key with that answer, so the second question tells them apart."""
    params = {"url": client.session.host}
    if isinstance(error, RefusedOutside) and errorcode_of(error) == "accessexception":
        return Finding("doctor.key_expired" if _is_key_gone(client) else "doctor.service_refused", "bad", params)
    if isinstance(error, RefusedOutside) and errorcode_of(error).startswith("wsaccessuser"):
        return Finding("doctor.account_refused", "bad", {**params, "errorcode": errorcode_of(error)})
    return Finding(error.code, "bad", error.params)


def _is_key_gone(client: MoodleClient) -> bool:
    try:
        client.site_info()
    except OutsideError as error:
        return isinstance(error, RefusedOutside) and errorcode_of(error) == "invalidtoken"
    return False


def _transport(url: str) -> Finding:
    """A certificate that is not accepted ends the first call; here only whether there is one."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return Finding("doctor.tls", "ok", {"url": parts.netloc})
    return Finding("doctor.no_tls", "ok" if _is_this_machine(parts.hostname or "") else "bad", {"url": parts.netloc})


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _no_greeting(error: OutsideError, info: SiteInfo, host: str) -> Iterator[Finding]:
    """A function unknown to Moodle is not installed; any other refusal may be about the service of this token."""
    yield Finding(error.code, "bad", error.params)
    if error.code == PLUGIN_MISSING or PLUGIN + "get_site" not in info.functions:
        yield from _without_plugin(info)
    if error.code != PLUGIN_MISSING and isinstance(error, RefusedOutside):
        yield from _missing_functions(info, host)


def _without_plugin(info: SiteInfo) -> Iterator[Finding]:
    """Whether results can still be had, and what such a pull lacks."""
    missing = [name for name in CORE_FUNCTIONS if name not in info.functions]
    yield Finding("doctor.mode_none", "bad") if missing else Finding("doctor.mode_core", "warn")
    for name in missing:
        yield Finding("doctor.core_function_missing", "bad", {"function": name})
    for code in () if missing else gaps.ALWAYS:
        yield Finding(code, "warn")


def _missing_functions(info: SiteInfo, host: str) -> Iterator[Finding]:
    for name in NEEDED_FUNCTIONS:
        if name not in info.functions:
            yield Finding("doctor.function_missing", "bad", {"function": name, "url": host})


def _contract(site: MoodleSite, info: SiteInfo, host: str) -> Iterator[Finding]:
    yield Finding("doctor.plugin", "ok", {"version": site.pluginversion})
    if site.wire != WIRE:
        yield Finding("moodle.wire_version", "bad", {"url": host, "found": site.wire, "wanted": WIRE})
    supported = OLDEST_BRANCH <= site.branch <= NEWEST_BRANCH
    level: Level = "ok" if supported else "bad" if site.branch < OLDEST_BRANCH else "warn"
    code = "doctor.release" if supported else "doctor.release_unknown"
    yield Finding(code, level, {"release": site.release})
    missing = tuple(_missing_functions(info, host))
    yield from missing or (Finding("doctor.functions", "ok", {"n": len(NEEDED_FUNCTIONS)}),)


def _capabilities(site: MoodleSite) -> Iterator[Finding]:
    """The plugin names what it needs on this branch of Moodle, and whether the account may."""
    refused = [name for name, allowed in sorted(site.capabilities.items()) if not allowed]
    for name in refused:
        yield Finding("doctor.capability_missing", "bad", {"capability": name})
    if not refused:
        yield Finding("doctor.capabilities", "ok", {"n": len(site.capabilities)})


def _clock(theirs: datetime, ours: datetime) -> Finding:
    seconds = round(abs((theirs - ours).total_seconds()))
    level: Level = "ok" if seconds <= SKEW_NOTICED else "warn" if seconds <= SKEW_HARMFUL else "bad"
    return Finding("doctor.clock" if level == "ok" else "doctor.clock_apart", level, {"seconds": seconds})


def _cron(site: MoodleSite) -> Finding:
    if site.cronlastrun is None:
        return Finding("doctor.cron_never", "bad")
    minutes = int((site.servertime - site.cronlastrun).total_seconds() // 60)
    level: Level = "ok" if minutes < CRON_LATE else "warn" if minutes < CRON_DEAD else "bad"
    told = "doctor.cron_late" if level != "ok" else "doctor.cron" if minutes else "doctor.cron_now"
    return Finding(told, level, {"minutes": minutes})


def _push(client: MoodleClient, info: SiteInfo) -> Finding:
    """Moodle knocks at the panel. A push that does not arrive loses nothing: results are pulled by cursor as well."""
    if CHECK_PUSH not in info.functions:
        return Finding("doctor.push_unknown", "ok")
    try:
        answer = Part(client.session.call(CHECK_PUSH, (), repeatable=True), CHECK_PUSH)
        target, status = answer["target"].text(), answer["status"].whole()
        told = {"error": answer["error"].text(), "waiting": answer["waiting"].whole()}
    except OutsideError as error:
        return Finding(error.code, "warn", error.params)
    params = {"target": target, "status": status, **told}
    if not target:
        return Finding("doctor.push_off", "ok")
    if not status:
        return Finding("doctor.push_unreachable", "warn", params)
    taken = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    return Finding("doctor.push_reached", "ok", params) if taken else Finding("doctor.push_refused", "warn", params)
