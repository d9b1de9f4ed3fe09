"""Paper: Word templates, the contexts they may use, and the renderer."""
