"""Planning from files: strict JSON in, one JSON object out.

`document` parses JSON, rejects ambiguous input and names fields in errors. Each planner has its own
codec module.
"""
