"""Drafts the Word templates: `python -m docs_templates.drafting` writes `docs_templates/papers/*.docx`.

The committed files are what is printed from. Labels come from `docs_templates/wording`, so that a template and the
sentences made at print time speak alike; a template author sees plain text and fields.
"""
