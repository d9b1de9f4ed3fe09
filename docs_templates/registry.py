"""Which papers exist: kind, version, file, the facts they take, guard, context and a sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from docs_templates import contexts, guards, samples
from docs_templates.contexts import TemplateStamp
from docs_templates.words import Vocabulary
from flask_app.ports.paper import (
    AppointmentOrder,
    CommissionProtocol,
    CompetitionAnnouncement,
    PaperFacts,
    PaperKind,
    TestResultSheet,
    TrainingReport,
)


@dataclass(frozen=True, slots=True)
class PaperTemplate:
    """`file` lies in `docs_templates/papers`; a change of it, of its context or of its guard is a new `version`.

    `guard` and `context` take facts of type `facts` and no other; `sample` makes such facts for checks.
    """

    kind: PaperKind
    version: str
    file: str
    facts: type[PaperFacts]
    guard: Callable[[Any], None]
    context: Callable[[Any, Vocabulary, TemplateStamp], Any]
    context_type: type
    sample: Callable[[], PaperFacts]

    def content(self) -> bytes:
        """The committed Word file."""
        return (resources.files("docs_templates") / "papers" / self.file).read_bytes()


_TEMPLATES = (
    PaperTemplate(
        kind="D03",
        version="1.0.0",
        file="D03.docx",
        facts=CompetitionAnnouncement,
        guard=guards.guard_announcement,
        context=contexts.announcement_context,
        context_type=contexts.AnnouncementContext,
        sample=samples.announcement,
    ),
    PaperTemplate(
        kind="D11",
        version="1.0.0",
        file="D11.docx",
        facts=TestResultSheet,
        guard=guards.guard_sheet,
        context=contexts.sheet_context,
        context_type=contexts.SheetContext,
        sample=samples.result_sheet,
    ),
    PaperTemplate(
        kind="D16",
        version="1.2.0",
        file="D16.docx",
        facts=CommissionProtocol,
        guard=guards.guard_protocol,
        context=contexts.protocol_context,
        context_type=contexts.ProtocolContext,
        sample=samples.protocol,
    ),
    PaperTemplate(
        kind="D19",
        version="1.0.0",
        file="D19.docx",
        facts=AppointmentOrder,
        guard=guards.guard_order,
        context=contexts.order_context,
        context_type=contexts.OrderContext,
        sample=samples.order,
    ),
    PaperTemplate(
        kind="D53",
        version="1.0.0",
        file="D53.docx",
        facts=TrainingReport,
        guard=guards.guard_report,
        context=contexts.report_context,
        context_type=contexts.ReportContext,
        sample=samples.training_report,
    ),
)

TEMPLATES: Mapping[PaperKind, PaperTemplate] = {template.kind: template for template in _TEMPLATES}
