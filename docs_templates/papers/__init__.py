"""The Word templates: `D03.docx`, `D11.docx`, `D16.docx`, `D19.docx`, `D53.docx`."""
