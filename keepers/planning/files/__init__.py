"""Plans from files: strict JSON in, one JSON object out.

`document` parses, refuses what no planner can use, and names fields in errors; the rest is a codec
per planner.
"""
