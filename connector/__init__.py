"""The world outside, seen from the panel: Moodle and the training institutions."""
