"""What a vault's keeper does besides plans: pays redemptions that wait, and takes in what is ready.

`run` does what is due, once each; `recovery` first resolves what a killed run left behind;
`judging` says what a receipt means.
"""

from keepers.runs.maintenance.run import MaintenanceDependencies, run_maintenance

__all__ = ["MaintenanceDependencies", "run_maintenance"]
