"""Tests of the connectors: over real sockets, against scripted servers, the stand-in, or a real Moodle."""
