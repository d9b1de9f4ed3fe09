"""Tests of GIFT and Moodle XML."""
