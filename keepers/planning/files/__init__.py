"""Plans from files: strict JSON in, one JSON object out.

`document` parses and refuses what no planner can use, `node` reads fields and names them in errors,
`canonical` derives a plan's id, `answer` is what comes out. The rest is a codec per planner.
"""
