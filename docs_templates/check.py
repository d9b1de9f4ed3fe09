"""Lints Word templates: on the committed ones in continuous integration, on an uploaded one before it is taken.

    python -m docs_templates.check                  every registered template
    python -m docs_templates.check D16 file.docx    a file as it would be uploaded

An uploaded file is judged in a child process with limits on memory and time: a template is a small program.
"""

from __future__ import annotations

import json
import posixpath
import re
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from docs_templates import archive, fields
from docs_templates.registry import TEMPLATES, PaperTemplate
from docs_templates.renderer import CHANGING, prepare, repaired
from docs_templates.wording import vocabulary
from flask_app.ports.paper import PaperKind, TemplateFault

MEMORY_BYTES = 2**30
CPU_SECONDS = 20
WALL_SECONDS = 60
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
ACTIVE = re.compile(r"(?i)vbaProject|vbaData|activeX|oleObject|embeddings/|\.bin$|\.exe$|\.dll$")
LANGUAGES = {"ky-KG", "ru-RU"}


def check_template(template: PaperTemplate, content: bytes) -> list[TemplateFault]:
    """Everything wrong with a file that would stand for `template`; an empty list when it may be used."""
    try:
        members = archive.read(content)
        found = [*_members(members), *_relationships(members), *_structure(members)]
        found = found or list(_fields(template, members))
        return found or list(_sample(template, content))
    except TemplateFault as fault:
        return [fault]


def check_upload(kind: PaperKind, content: bytes, cpu_seconds: int = CPU_SECONDS) -> list[TemplateFault]:
    """The same for a file from outside, in a child process that may use 1 GiB and `cpu_seconds` of CPU."""
    try:
        archive.read(content)
    except TemplateFault as fault:
        return [fault]
    command = [sys.executable, "-m", "docs_templates.check", "--limited", kind, str(cpu_seconds)]
    try:
        child = subprocess.run(  # noqa: S603 - this interpreter, a fixed module, one of the known kinds; the file goes by stdin
            command, input=content, capture_output=True, timeout=WALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return [TemplateFault("TEMPLATE_CHECK_STOPPED", seconds=WALL_SECONDS)]
    if child.returncode:
        return [TemplateFault("TEMPLATE_CHECK_STOPPED", seconds=cpu_seconds)]
    return [TemplateFault(code, None, **params) for code, params in json.loads(child.stdout)]


def _members(members: Mapping[str, bytes]) -> Iterator[TemplateFault]:
    """No macros, controls or embedded objects."""
    for name in members:
        if ACTIVE.search(name):
            yield TemplateFault("TEMPLATE_ACTIVE", member=name)


def _parsed(name: str, content: bytes) -> etree._Element:
    """Without entities, network or document type: a template has no use for them."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise TemplateFault("TEMPLATE_XML", part=name, reason=str(error)) from error
    document: Any = root.getroottree().docinfo  # the published types lack `doctype`
    if document.doctype:
        raise TemplateFault("TEMPLATE_XML", part=name, reason="DOCTYPE")
    return root


def _relationships(members: Mapping[str, bytes]) -> Iterator[TemplateFault]:
    """Every target is a member of the file; none lies outside."""
    for name, content in members.items():
        if not name.endswith(".rels"):
            continue
        folder = posixpath.dirname(posixpath.dirname(name))
        for link in _parsed(name, content).iter(RELATIONSHIP):
            target = link.get("Target", "")
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            if link.get("TargetMode") == "External" or path not in members:
                yield TemplateFault("TEMPLATE_LINK", part=name, target=target)


def _structure(members: Mapping[str, bytes]) -> Iterator[TemplateFault]:
    """Tables have a grid, or LibreOffice ignores their widths; text says in which language it is."""
    for name, content in members.items():
        if not name.endswith((".xml", ".rels")):
            continue
        root = _parsed(name, content)
        if any(table.find(f"{W}tblGrid") is None for table in root.iter(f"{W}tbl")):
            yield TemplateFault("TEMPLATE_NO_GRID", part=name)
        if name == "word/document.xml":
            missing = LANGUAGES - {mark.get(f"{W}val") for mark in root.iter(f"{W}lang")}
            if missing:
                yield TemplateFault("TEMPLATE_NO_LANGUAGE", part=name, languages=", ".join(sorted(missing)))


def _fields(template: PaperTemplate, members: Mapping[str, bytes]) -> Iterator[TemplateFault]:
    for name, content in members.items():
        if CHANGING.fullmatch(name):
            yield from fields.faults(name, repaired(name, content), template.context_type)


def _sample(template: PaperTemplate, content: bytes) -> Iterator[TemplateFault]:
    """Prints the sample and reads it again as XML."""
    prepared = prepare(template.kind, template.version, content)
    document = prepared.write(template.context(template.sample(), vocabulary(), prepared.stamp))
    printed = archive.read(document)
    yield from _structure(printed)


def _limited(kind: PaperKind, cpu_seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    found = check_template(TEMPLATES[kind], sys.stdin.buffer.read())
    sys.stdout.write(json.dumps([[fault.code, dict(fault.params)] for fault in found], default=str))


def main(arguments: list[str]) -> int:
    """Prints the findings, one a line. Returns 1 when there are any."""
    if arguments[:1] == ["--limited"]:
        _limited(_kind(arguments[1]), int(arguments[2]))
        return 0
    if arguments:
        kind = _kind(arguments[0])
        found = [(kind, fault) for fault in check_upload(kind, Path(arguments[1]).read_bytes())]
    else:
        found = [(kind, fault) for kind, one in TEMPLATES.items() for fault in check_template(one, one.content())]
    for kind, fault in found:
        sys.stdout.write(f"{kind}: {fault}\n")
    return 1 if found else 0


def _kind(text: str) -> PaperKind:
    return next(kind for kind in TEMPLATES if kind == text)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
