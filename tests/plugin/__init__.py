"""The Moodle plugin, as far as it can be looked at without a Moodle."""
