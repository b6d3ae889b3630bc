"""The `ballast` command."""

import click

from keepers.cli.lazy import BallastGroup, Lazy

COMMANDS = {
    "approve": Lazy("keepers.cli.approve:approve", "Show plans that wait, and sign one."),
    "check": Lazy("keepers.cli.check:check", "Look whether a keeper could work; nothing is sent."),
    "config": Lazy("keepers.cli.config:config", "Write, check and show the configuration."),
    "instruct": Lazy(
        "keepers.cli.instruct:instruct", "Move funds between chains and venues as instructed."
    ),
    "instructions": Lazy(
        "keepers.cli.instruct:instructions", "List instructions, show how far one is."
    ),
    "pause": Lazy("keepers.cli.pause:pause", "Stop signing and sending."),
    "plan": Lazy("keepers.cli.plan:plan", "Show what would be done, from the chain or a file."),
    "rebalance": Lazy("keepers.cli.run:rebalance", "Rebalance on demand, or undo a run."),
    "recurring": Lazy("keepers.cli.recurring:recurring", "Execute and fix what recurs."),
    "reject": Lazy("keepers.cli.approve:reject", "End a plan that waits, for a reason."),
    "report": Lazy("keepers.cli.report:report", "Report runs and the tiers over time."),
    "resume": Lazy("keepers.cli.pause:resume", "Sign and send again after a pause."),
    "run": Lazy("keepers.cli.run:run", "Bring a vault's tiers back to their targets."),
    "signer": Lazy("keepers.cli.services:signer", "Sign for keepers, within a policy of its own."),
    "status": Lazy("keepers.cli.status:status", "Show tiers, bands and holdings now."),
    "transfers": Lazy(
        "keepers.cli.transfers:transfers", "List transfers between chains, decide about them."
    ),
    "txs": Lazy("keepers.cli.txs:txs", "List transactions, raise their fees, cancel them."),
    "validator": Lazy("keepers.cli.services:validator", "Open what a signer sealed to it."),
}
"""Every command; nothing of it is imported before it is used."""


@click.group(
    cls=BallastGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="ballast")
def cli() -> None:
    """Keep an on-chain treasury where its owners want it."""
