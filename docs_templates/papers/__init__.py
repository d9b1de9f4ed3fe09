"""The Word templates: `D11.docx`, `D16.docx`, `D19.docx`, `D53.docx`."""
