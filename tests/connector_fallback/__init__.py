"""Working with a Moodle that has no plugin."""
