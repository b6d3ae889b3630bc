"""Transaction engine: every transaction that Ballast sends passes through its six steps.

Origin: design, section 8. Build, Audit, Sign, Validate, Broadcast and Confirm are durable states of
an intent; `engine.py` advances them, and each step has a file of its name.
"""
