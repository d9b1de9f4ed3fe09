"""Every sentence a person reads, by code, in Kyrgyz, Russian, Kazakh and English."""

from flask_app.messages.catalogue import LANGUAGES, Explanation, Language, explain, label

__all__ = ["LANGUAGES", "Explanation", "Language", "explain", "label"]
