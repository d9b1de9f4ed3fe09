"""One maker for all tests of the paper: its templates are prepared once."""

from __future__ import annotations

import pytest

from docs_templates.renderer import TemplatePaperMaker


@pytest.fixture(scope="session")
def maker() -> TemplatePaperMaker:
    return TemplatePaperMaker()
