"""Applicants from the spreadsheet to the notice of the test: list, import, decisions, one person's page, slips."""

from flask_app.web.applicants import deciding, importing, listing, person, slips
from flask_app.web.applicants.place import AREA

__all__ = ["AREA", "deciding", "importing", "listing", "person", "slips"]
