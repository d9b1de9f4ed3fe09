"""A stand-in Moodle: its own process, its own SQLite file, the same contract; for first runs and tests."""
