"""The area of the panel where applicants are taken in and decided on."""

from __future__ import annotations

from decimal import Decimal

from flask_app.domain.applicant_cells import mask_number
from flask_app.domain.applicants import Finding
from flask_app.messages import Explanation, explain
from flask_app.web.area import Area
from flask_app.web.wording import Wording

AREA = Area("applicants")


@AREA.blueprint.app_template_filter("masked")
def masked(number: str) -> str:
    """A personal number fit for a screen."""
    return mask_number(number)


@AREA.blueprint.app_template_global("found_words")
def found_words(word: Wording, finding: Finding) -> Explanation:
    """The sentence of a finding in a spreadsheet."""
    return explain(finding.code, word.language, word.spoken(finding.sentence_params()))


@AREA.blueprint.app_template_filter("figure")
def figure(mark: Decimal) -> Decimal:
    """A mark without the zeros that only its column adds: 30.00 is 30, 29.50 is 29.5; never 3E+1."""
    whole = mark.to_integral_value()
    return whole if mark == whole else mark.normalize()
