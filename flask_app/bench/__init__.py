"""Measurements: each bench is a command (`kyzmat bench …`) that prints ratios against a named peer or limit."""
