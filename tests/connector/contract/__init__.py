"""One suite over the contract with Moodle (version 1), for the stand-in and for a real site alike.

    pytest tests/connector/contract --moodle-url=https://moodle.example --moodle-token=…

A real site needs `local_kyzmat`, a token of its service (with `core_course_create_courses` in it), and the mobile
service switched on, since the suite sits tests as students do. Every test makes a course, a bank and people of its own
and leans on nothing that was there.
"""
