"""What a template author may print: one dataclass per template, every field a string ready to print, both languages.

Pure: facts in, strings out. The fields of these classes are the promise to template authors; `docs_templates.check`
refuses a template that asks for anything else.
"""

from docs_templates.contexts.announcement import AnnouncementContext, announcement_context
from docs_templates.contexts.frame import Properties, TemplateStamp
from docs_templates.contexts.order import OrderContext, order_context
from docs_templates.contexts.protocol import ProtocolContext, protocol_context
from docs_templates.contexts.result_sheet import SheetContext, sheet_context
from docs_templates.contexts.training_report import ReportContext, report_context

__all__ = [
    "AnnouncementContext",
    "OrderContext",
    "Properties",
    "ProtocolContext",
    "ReportContext",
    "SheetContext",
    "TemplateStamp",
    "announcement_context",
    "order_context",
    "protocol_context",
    "report_context",
    "sheet_context",
]
