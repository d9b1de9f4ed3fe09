"""Working with a Moodle that has no plugin: results through core functions, questions carried in by hand.

Slower and poorer than the plugin, on purpose the same records; `gaps` names what core does not tell.
"""
