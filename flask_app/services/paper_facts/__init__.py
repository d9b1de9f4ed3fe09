"""Gathers the facts a paper prints, one module per paper of the catalogue."""
