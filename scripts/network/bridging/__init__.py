"""Local counterparts of those who carry money: they speak the real interfaces, over HTTP.

Each can be told to be slow, wrong, down or contradictory: see `faults`.
"""
