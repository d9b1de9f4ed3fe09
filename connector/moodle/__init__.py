"""Moodle seen from outside, by the contract of the web services (core and `local_kyzmat`)."""
