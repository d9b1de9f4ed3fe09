"""The panel as people meet it: real browsers before a real server, a real worker, a real stand-in for Moodle."""
