"""Mistakes with settings, files and commands: each has its exit status and its message.

An operator tried each row in practice; no answer may become worse. The rows of deployments files
are in tests/unit/deployment/test_mistakes.py and tests/contracts/test_prerequisites.py, those of
a keeper's state on chain in tests/integration/keeper/test_refusals.py.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest
from eth_account import Account

from tests.integration.mistakes.mistake import (
    ACCOUNT,
    Mistake,
    added,
    in_tiers,
    record,
    replaced,
    write_folder,
    wrote,
)
from tests.integration.support.processes import python, running

SECONDS = 60
PASSWORD = "BALLAST_SIGNER_KEEPER_PASSWORD"
NODE = "node"
"""Placeholder for the address of the server that a row needs."""


def _newer_database(folder: Path) -> None:
    with sqlite3.connect(folder / "ballast.sqlite") as connection:
        connection.execute("create table alembic_version (version_num varchar(32) not null)")
        connection.execute("insert into alembic_version values ('9999')")


def _keystore(folder: Path) -> None:
    encrypted = Account.encrypt(b"\x11" * 32, "right", kdf="pbkdf2", iterations=2)
    (folder / "keeper.json").write_text(json.dumps(encrypted))


SETTINGS_ROWS = (
    Mistake("setting-unknown", "config check", 2,
            ("ballast.toml:6", "confirmation: is unknown", "did you mean confirmations?"),
            replaced("confirmations = 1", "confirmation = 1")),
    Mistake("table-unknown", "config check", 2, ("vault", "is unknown", "did you mean vaults"),
            added('[vault.other]\nchain = "local"')),
    Mistake("number-in-quotes", "config check", 2,
            ("confirmations", "whole number", "without quotes"),
            replaced("confirmations = 1", 'confirmations = "1"')),
    Mistake("number-negative", "config check", 2, ("confirmations", "must be"),
            replaced("confirmations = 1", "confirmations = -1")),
    Mistake("number-zero", "config check", 2, ("confirmations", "must be"),
            replaced("confirmations = 1", "confirmations = 0")),
    Mistake("toml-syntax", "config check", 2, ("ballast.toml:", "is not TOML", "correct this line"),
            added("listen =")),
    Mistake("toml-key-twice", "config check", 2, ("Cannot overwrite a value",),
            replaced("confirmations = 1", "confirmations = 1\nconfirmations = 2")),
    Mistake("url-without-scheme", "config check", 2,
            ("rpc_urls.0", "must be an http:// or https:// address"),
            replaced("http://127.0.0.1:1", "127.0.0.1:8545")),
    Mistake("targets-do-not-sum", "config check", 2, ("sum to 10500, not to 10000", "change one"),
            replaced("L1_TARGET_RATIO = 1000", "L1_TARGET_RATIO = 1500")),
    Mistake("minimum-above-target", "config check", 2, ("4000 is above L1_TARGET_RATIO",),
            in_tiers("L1_MIN_RATIO = 4000")),
    Mistake("low-above-target", "config check", 2, ("1000 is below L1_LOW_RATIO, 1500",),
            in_tiers("L1_LOW_RATIO = 1500")),
    Mistake("multisig-below-approval", "config check", 2,
            ("REBALANCE_MULTISIG_THRESHOLD", "REBALANCE_APPROVAL_THRESHOLD"),
            in_tiers("REBALANCE_MULTISIG_THRESHOLD = 1000")),
    Mistake("percent-for-basis-points", "config check", 2,
            ("500 is above L1_TARGET_RATIO, 10", "change one of them"),
            replaced("L1_TARGET_RATIO = 1000", "L1_TARGET_RATIO = 10")),
    Mistake("chain-unknown", "config check", 2, ("there is no [chains.lokal]", "use one of local"),
            replaced('chain = "local"', 'chain = "lokal"')),
    Mistake("signer-unknown", "config check", 2,
            ("there is no [signers.kepeer]", "use one of keeper"),
            replaced('signer = "keeper"', 'signer = "kepeer"')),
    Mistake("vault-unknown", "status --vault mian", 2, ("mian", "main")),
    Mistake("settings-missing", "status --config other.toml", 2,
            ("other.toml", "ballast config init")),
    Mistake("settings-written-twice", "config init", 2, ("already exists", "--force")),
    Mistake("settings-of-another-name", "config init --config ballast.toml", 2,
            ("already exists", "--force")),
)  # fmt: skip
RECORD_ROWS = (
    Mistake("record-missing", "status", 2,
            ("local.json: does not exist", "`ape run deploy` writes it"),
            lambda folder: (folder / "local.json").unlink()),
    Mistake("record-broken", "status", 2, ("local.json",), wrote("local.json", "{")),
    Mistake("record-of-another-chain", "status", 2,
            ("chain_id: is 1, but the settings have 1000001",),
            record(chain_id=1)),
    Mistake("record-wrong-checksum", "status", 2, ("local.json", "keepers.0"),
            record(keepers=[ACCOUNT.replace("C518", "c518")])),
    Mistake("record-short-address", "status", 2, ("local.json", "keepers.0"),
            record(keepers=[ACCOUNT[:-2]])),
)  # fmt: skip
DATABASE_ROWS = (
    Mistake("database-folder-missing", "txs", 1, ("there is no folder",),
            replaced("sqlite:///ballast", "sqlite:////nowhere/at/all/ballast")),
    Mistake("database-is-none", "txs", 1, ("not a database",),
            wrote("ballast.sqlite", "this is a text, and quite long for one " * 40)),
    Mistake("database-newer", "txs", 1,
            ("newer version of Ballast (migration 9999)", "upgrade Ballast"), _newer_database),
    Mistake("database-of-another-kind", "txs", 2, ("must be sqlite:///FILE",),
            replaced("sqlite:///ballast.sqlite", "mysql://localhost/ballast")),
    Mistake("database-down", "txs", 1, ("refused",),
            replaced("sqlite:///ballast.sqlite", "postgresql+psycopg://nobody@127.0.0.1:1/ballast")),
)  # fmt: skip
NODE_ROWS = (
    Mistake("node-down", "check", 1, ("does not respond", "check chains.*.rpc_urls")),
    Mistake("node-is-a-web-server", "check", 1,
            ("404", "check chains.*.rpc_urls"), url=f"{NODE}/404"),
    Mistake("node-of-another-chain", "check", 1,
            ("serves chain 1042161, not 1000001", "check rpc_urls and chain_id"), url=NODE),
)  # fmt: skip
KEY_ROWS = (
    Mistake("password-missing", "check", 1,
            ("set BALLAST_SIGNER_KEEPER_PASSWORD", "or password_file"), _keystore),
    Mistake("password-wrong", "check", 1, ("keeper.json", "wrong password"), _keystore,
            {PASSWORD: "another"}),
    Mistake("password-empty", "check", 1, ("keeper",), _keystore, {PASSWORD: ""}),
    Mistake("key-missing", "check", 1, ("keeper.json", "No such file"),
            environment={PASSWORD: "x"}),
    Mistake("key-is-a-folder", "check", 1, ("keeper.json", "Is a directory"),
            lambda folder: (folder / "keeper.json").mkdir(), {PASSWORD: "x"}),
    Mistake("key-is-no-keystore", "check", 1, ("keeper.json", "not a keystore file"),
            wrote("keeper.json", "{}"), {PASSWORD: "x"}),
)  # fmt: skip
PLAN_ROWS = (
    Mistake("plan-no-json", "plan tiers --input plan.json", 2, ("line 1, column 1",),
            wrote("plan.json", "hello")),
    Mistake("plan-other-keys", "plan tiers --input plan.json", 2, ("a: is unknown",),
            wrote("plan.json", '{"a": 1}')),
    Mistake("plan-nested", "plan tiers --input plan.json", 2, ("nested deeper than 32 levels",),
            wrote("plan.json", "[" * 40 + "]" * 40)),
    Mistake("plan-very-long", "plan tiers --input plan.json", 2, ("nested deeper than 32 levels",),
            wrote("plan.json", "[" * 1_000_000)),
    Mistake("plan-binary", "plan tiers --input plan.json", 2, ("is not UTF-8 at byte 2",),
            wrote("plan.json", b'{"\xff"')),
    Mistake("plan-missing", "plan tiers --input plan.json", 2, ("plan.json", "No such file")),
    Mistake("instruction-too-large", "instruct large.json", 2, ("larger than 1048576 bytes",),
            wrote("large.json", b" " * 1_048_577)),
    Mistake("instruction-without-treasury", "instruct some.json", 2,
            ("treasury: is not in the settings", "add [treasury]"), wrote("some.json", "{}")),
)  # fmt: skip
COMMAND_ROWS = (
    Mistake("command-misspelt", "statsu", 2,
            ("No such command 'statsu'", "Did you mean 'status'?")),
    Mistake("subcommand-misspelt", "txs shw 1", 2,
            ("No such command 'shw'", "Did you mean 'show'?")),
    Mistake("subcommand-of-config-misspelt", "config chek", 2, ("Did you mean 'check'?",)),
    Mistake("option-misspelt", "status --jsn", 2, ("No such option", "--json")),
    Mistake("number-is-a-word", "txs show abc", 2, ("'abc' is not a valid integer",)),
    Mistake("transaction-unknown", "txs show 9999", 2,
            ("there is no transaction 9999", "`ballast txs list --all`")),
    Mistake("bump-unknown", "txs bump 9999", 2, ("there is no transaction 9999",)),
    Mistake("cancel-unknown", "txs cancel 9999", 2, ("there is no transaction 9999",)),
    Mistake("reject-without-reason", "reject abcd1234", 2, ("Missing option '--reason'",)),
    Mistake("pause-without-reason", "pause", 2, ("Missing option '--reason'",)),
    Mistake("approve-unknown-run", "approve abcd1234", 1,
            ("abcd1234 has no approval request", "`ballast approve`")),
    Mistake("approve-two-letters", "approve ab", 2, ("ab",)),
    Mistake("approve-unknown-alias", "approve abcd1234 --account nobody", 1,
            ("has no approval request",)),
    Mistake("everything-and-a-vault", "pause --everything --vault main --reason x", 2,
            ("applies to all vaults", "omit --vault")),
    Mistake("all-and-live", "txs --all --live", 2, ("exclude each other",)),
)  # fmt: skip
ROWS = (
    *SETTINGS_ROWS,
    *RECORD_ROWS,
    *DATABASE_ROWS,
    *NODE_ROWS,
    *KEY_ROWS,
    *PLAN_ROWS,
    *COMMAND_ROWS,
)


def _answer(call: Any) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": call["id"], "result": hex(1042161)}


class _Server(BaseHTTPRequestHandler):
    """Node of another chain; under /404 a web server that is no node."""

    def do_POST(self) -> None:
        asked: Any = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("404"):
            self.send_error(404)
            return
        many = isinstance(asked, list)
        calls = cast("list[dict[str, Any]]", asked if many else [asked])
        answers = [_answer(each) for each in calls]
        answer = answers if many else answers[0]
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class
        """Print nothing."""


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def told(folder: Path, row: Mistake, *more: str) -> tuple[int, str, str]:
    """Run the row's command; return the exit status and both outputs."""
    command = python("keepers.cli", *row.command.split(), *more)
    with running(command, environment=row.environment, folder=folder) as process:
        status = process.wait(SECONDS)
    return status, process.out, process.err


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_mistake__is_answered_with_what_where_and_what_to_do(
    row: Mistake, tmp_path: Path, node: str
) -> None:
    write_folder(tmp_path, row.url.replace(NODE, node))
    row.arrange(tmp_path)
    status, out, err = told(tmp_path, row)
    text = out + err
    assert status == row.status, text
    for words in row.says:
        assert words in text
    assert "Traceback" not in text
    assert "defect" not in text


@pytest.mark.parametrize(
    "row", ROWS[:1] + RECORD_ROWS[:1] + COMMAND_ROWS[5:6], ids=lambda row: row.key
)
def test_mistake__with_json__is_one_object_on_standard_output(row: Mistake, tmp_path: Path) -> None:
    """O28: programs read an error from the same stream as an answer."""
    write_folder(tmp_path, row.url)
    row.arrange(tmp_path)
    status, out, err = told(tmp_path, row, "--json")
    answer = json.loads(out)
    assert status == row.status
    if "error" in answer:
        assert answer["error"]["exit_status"] == status
        assert answer["error"]["message"] in err
    else:
        assert answer["valid"] is False


def test_rows__have_names_of_their_own() -> None:
    assert len({row.key for row in ROWS}) == len(ROWS)
