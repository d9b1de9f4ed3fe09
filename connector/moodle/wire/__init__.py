"""The contract with Moodle in Python: records to form variables, answers to records. Pure: no network, no clock."""
