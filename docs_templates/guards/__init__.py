"""Looked at before anything is printed: facts that contradict each other or the rule they print are refused.

Pure. Each guard takes the facts and raises `PaperRefused` with the first contradiction it finds.
"""

from docs_templates.guards.announcement import guard_announcement
from docs_templates.guards.order import guard_order
from docs_templates.guards.protocol import guard_protocol
from docs_templates.guards.result_sheet import guard_sheet
from docs_templates.guards.training_report import guard_report

__all__ = ["guard_announcement", "guard_order", "guard_protocol", "guard_report", "guard_sheet"]
