"""The demonstration: the whole main job on invented people, through the real use cases, step by step.

It enters past dates as an office would that catches up with its papers; no rule is switched off for it. Every step
looks at what is there and does only what is missing, so that it can be interrupted anywhere and started again.
"""
