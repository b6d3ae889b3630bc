"""Local bridge services with the real interfaces over HTTP.

Each can simulate faults: slow, wrong, down or contradictory; see `faults`.
"""
