"""Training orders from the survey of needs to the signed report, and the institutions' grades."""

from flask_app.web.training import batches, board, desk, institutions, ordering, programmes
from flask_app.web.training.place import AREA

__all__ = ["AREA", "batches", "board", "desk", "institutions", "ordering", "programmes"]
