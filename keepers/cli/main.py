"""The `ballast` command."""

import click

from keepers.cli.lazy import BallastGroup, Lazy

COMMANDS = {
    "approve": Lazy("keepers.cli.approve:approve", "List and sign plans awaiting approval."),
    "check": Lazy("keepers.cli.check:check", "Check that a keeper could run; nothing is sent."),
    "config": Lazy("keepers.cli.config:config", "Write, check and show the configuration."),
    "instruct": Lazy("keepers.cli.instruct:instruct", "Move funds between chains and venues."),
    "instructions": Lazy(
        "keepers.cli.instruct:instructions", "List instructions and their progress."
    ),
    "pause": Lazy("keepers.cli.pause:pause", "Stop signing and sending."),
    "plan": Lazy("keepers.cli.plan:plan", "Show a plan, from the chain or a file."),
    "rebalance": Lazy("keepers.cli.run:rebalance", "Rebalance on demand, or reverse a run."),
    "recurring": Lazy("keepers.cli.recurring:recurring", "Execute and fix recurring rebalancers."),
    "reject": Lazy("keepers.cli.approve:reject", "Reject a plan awaiting approval."),
    "report": Lazy("keepers.cli.report:report", "Report runs and the tiers over time."),
    "resume": Lazy("keepers.cli.pause:resume", "Lift a pause."),
    "run": Lazy("keepers.cli.run:run", "Rebalance vaults and treasuries."),
    "signer": Lazy("keepers.cli.services:signer", "Serve signatures within a policy."),
    "status": Lazy("keepers.cli.status:status", "Show tiers, bands, holdings and limits."),
    "transfers": Lazy("keepers.cli.transfers:transfers", "List transfers, resolve stuck ones."),
    "txs": Lazy("keepers.cli.txs:txs", "List transactions, raise fees, cancel."),
    "validator": Lazy(
        "keepers.cli.services:validator", "Validate transactions that a signer sealed."
    ),
}
"""Every command; each is imported when it is used."""


@click.group(
    cls=BallastGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="ballast")
def cli() -> None:
    """Keep an on-chain treasury within its target allocation."""
