"""Instructions over HTTP, the table and the command line, to a real keeper on three chains."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine, text

from keepers.model.batch import InstructionRecord, InstructionState
from keepers.store.transfers import InstructionRepository
from keepers.web.instructions import LONGEST_REQUEST
from tests.integration.support.processes import Child, crash_at, python, running
from tests.integration.transfers.keeper import ENVIRONMENT, TreasuryKeeper
from tests.integration.transfers.treasuries import ARBITRUM, ETHEREUM, OPTIMISM, Treasuries
from tests.support.postgres import prepared
from tests.support.sqlite import new_database

TOKEN = "integration-test-token"
PLACE = "/v1/instructions"
WHOLE = 10**6
MORE = """
[treasury.http]
listen = "127.0.0.1:0"

[service]
listen = "127.0.0.1:0"
look_seconds = "0.1"
retry_seconds = "0.5"
"""
INSERT = """
INSERT INTO instructions (client_key, body, submitted_by) VALUES (:key, :body, 'allocator')
"""
DONE = r"\(instruction\): done"


@dataclass(frozen=True)
class Company:
    """The treasuries, a keeper's configuration, and its database."""

    keeper: TreasuryKeeper

    @property
    def treasuries(self) -> Treasuries:
        return self.keeper.treasuries

    def order(self, amount: str = "1000", **changes: Any) -> dict[str, Any]:
        """Return an instruction for USDC from Ethereum to Arbitrum."""
        source, destination = (
            self.treasuries.chains[each].chain_id for each in (ETHEREUM, ARBITRUM)
        )
        ends = {"source": f"EVM-{source}", "destination": f"EVM-{destination}"}
        transfer = {"asset": "USDC", "amount": amount, **ends, **changes}
        return {"version": 1, "transfer": transfer}

    @contextmanager
    def started(self, **environment: str) -> Generator[Running]:
        """Run `ballast run --arm`, ready for instructions; the bridges deliver meanwhile."""
        variables = ENVIRONMENT | {"BALLAST_INSTRUCTIONS_TOKEN": TOKEN} | environment
        command = python("keepers.cli", "run", "--arm", "--log-format", "json")
        with (
            self.treasuries.bridges.serve(0.05),
            running(command, environment=variables, folder=self.keeper.folder) as child,
        ):
            yield Running(child, json.loads(child.wait_for("taking_instructions"))["url"])

    @contextmanager
    def command(self, *arguments: str) -> Generator[Child]:
        """Run another command of `ballast` with the same configuration."""
        command = python("keepers.cli", *arguments)
        with running(command, environment=ENVIRONMENT, folder=self.keeper.folder) as child:
            yield child

    def instruction(self, key: str) -> InstructionRecord:
        """Return a stored instruction."""
        ledger = self.keeper.ledger()
        try:
            return InstructionRepository(ledger).standing(key).record
        finally:
            ledger.close()

    def insert(self, key: str, body: str) -> None:
        """Insert an instruction as a program does that knows only the table."""
        engine = create_engine(self.keeper.database)
        with engine.begin() as connection:
            connection.execute(text(INSERT), {"key": key, "body": body})
        engine.dispose()

    def moved(self) -> tuple[int, int]:
        """Return the decrease on Ethereum and the increase on Arbitrum, in whole USDC."""
        held = [self.treasuries.balance(each, "USDC") for each in (ETHEREUM, ARBITRUM)]
        return 1_000_000 - held[0] // WHOLE, held[1] // WHOLE - 1_000_000


@dataclass(frozen=True)
class Running:
    """Keeper process, and its address for instructions."""

    child: Child
    url: str

    def ask(
        self,
        method: str,
        path: str,
        body: str | None = None,
        key: str | None = None,
        **headers: str,
    ) -> tuple[int, dict[str, Any]]:
        """Send a request with the token; given headers replace it."""
        named = {} if key is None else {"Idempotency-Key": key}
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        sent = {"Authorization": f"Bearer {TOKEN}"} | named | headers
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            assert answer.getheader("Content-Type") == "application/json"
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def server() -> Generator[Callable[[], str]]:
    """Function that creates databases on a server."""
    with prepared() as new:
        yield new


@pytest.fixture(params=["sqlite", "postgres"])
def company(
    request: pytest.FixtureRequest,
    treasuries: Treasuries,
    server: Callable[[], str],
    tmp_path: Path,
) -> Company:
    """Company with a database of each kind."""
    is_file = request.param == "sqlite"
    return made(treasuries, tmp_path, new_database(tmp_path / "db.sqlite") if is_file else server())


@pytest.fixture
def small_company(treasuries: Treasuries, tmp_path: Path) -> Company:
    """Company with a SQLite file."""
    return made(treasuries, tmp_path, new_database(tmp_path / "db.sqlite"))


def made(treasuries: Treasuries, folder: Path, database: str) -> Company:
    keeper = TreasuryKeeper(treasuries, folder, database)
    file = keeper.configure()
    file.write_text(file.read_text() + MORE)
    return Company(keeper)


def test_http__posted__is_taken_up_done_once_and_told(company: Company) -> None:
    body = json.dumps(company.order(invest=True))
    with company.started() as keeper:
        status, told = keeper.ask("POST", PLACE, body, "order-7")
        assert (status, told["state"]) == (HTTPStatus.ACCEPTED, "RECEIVED")
        keeper.child.wait_for(DONE)
        assert keeper.ask("POST", PLACE, body, "order-7")[0] == HTTPStatus.OK
        other = json.dumps(company.order("2000"))
        assert keeper.ask("POST", PLACE, other, "order-7")[0] == HTTPStatus.CONFLICT
        status, told = keeper.ask("GET", f"{PLACE}/order-7")
    assert status == HTTPStatus.OK
    assert told["state"] == "DONE"
    assert told["progress"]["movements"] == told["progress"]["ended"] == 1
    amounts = told["progress"]["assets"]["USDC"]
    assert (amounts["arrived"], amounts["invested"]) == ("1000", "1000")
    assert company.moved() == (1_000, 0)
    assert company.treasuries.invested(ARBITRUM, "USDC") >= 1_000 * WHOLE - 2
    assert len(company.keeper.transfers()) == 1


def test_http__strangers_and_wrong_requests__are_told_what_to_do(small_company: Company) -> None:
    with small_company.started() as keeper:
        body = json.dumps(small_company.order())
        for given in ("", "Bearer wrong", f"Basic {TOKEN}"):
            status, told = keeper.ask("POST", PLACE, body, "order-7", Authorization=given)
            assert status == HTTPStatus.UNAUTHORIZED
            assert "Bearer TOKEN" in told["error"]
        wrong = json.dumps(small_company.order(route=7))
        status, told = keeper.ask("POST", PLACE, wrong, "order-7")
        assert status == HTTPStatus.UNPROCESSABLE_ENTITY
        assert told["reasons"] == ["transfer.route: must be a string, not a JSON number"]
        long = {"Content-Length": str(LONGEST_REQUEST + 1)}
        assert (
            keeper.ask("POST", PLACE, None, "k", **long)[0] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        )
        assert keeper.ask("GET", f"{PLACE}/order-7")[0] == HTTPStatus.NOT_FOUND
        status, told = keeper.ask("DELETE", PLACE)
        assert status == HTTPStatus.NOT_IMPLEMENTED
        assert told["error"]
        keeper.child.terminate()
        assert keeper.child.wait() == 0
        assert TOKEN not in keeper.child.err + keeper.child.out


def test_table__rows_of_a_program__are_done_or_answered_with_the_reason(company: Company) -> None:
    with company.started() as keeper:
        company.insert("allocation-1", json.dumps(company.order(), indent=2))
        keeper.child.wait_for(DONE)
        company.insert("allocation-2", json.dumps(company.order("2000000")))
        keeper.child.wait_for("allocation-2 of allocator: refused")
        company.insert("allocation-3", "move it all")
        keeper.child.wait_for("allocation-3 of allocator: refused")
    done, short, unreadable = (company.instruction(f"allocation-{each}") for each in (1, 2, 3))
    assert done.state is InstructionState.DONE
    assert (short.state, unreadable.state) == (InstructionState.REFUSED,) * 2
    assert "2000000 must arrive" in (short.reason or "")
    assert "is not JSON" in (unreadable.reason or "")
    assert company.moved() == (1_000, 1_000)


def test_command__beside_a_keeper__explains_submits_and_follows(
    company: Company,
) -> None:
    file = company.keeper.folder / "move.json"
    file.write_text(json.dumps(company.order()))
    with company.started():
        with company.command("instruct", str(file)) as said:
            assert said.wait() == 0
            assert "of which 1000 must arrive" in said.out
        with company.command("instruct", str(file), "--arm", "--wait") as said:
            assert said.wait() == 0
            assert "1 of 1 movements have ended; arrived: 1000 of 1000 USDC" in said.out
        with company.command("instruct", str(file), "--arm") as said:
            assert said.wait() == 0
            assert "was submitted before; it is done" in said.out
    assert company.moved() == (1_000, 1_000)


def test_command__whose_keeper_dies__becomes_the_keeper(small_company: Company) -> None:
    file = small_company.keeper.folder / "move.json"
    file.write_text(json.dumps(small_company.order()))
    with (
        small_company.started(**crash_at("after_move_transfer_cross_create")) as keeper,
        small_company.command("instruct", str(file), "--arm", "--wait") as said,
    ):
        assert keeper.child.wait() == -signal.SIGKILL
        assert said.wait() == 0
    assert small_company.moved() == (1_000, 1_000)


def test_command__where_no_keeper_runs__does_it_itself(small_company: Company) -> None:
    file = small_company.keeper.folder / "move.json"
    file.write_text(json.dumps(targets(small_company)))
    with (
        small_company.treasuries.bridges.serve(0.05),
        small_company.command("instruct", str(file), "--arm", "--wait", "--key", "big") as said,
    ):
        assert said.wait() == 0
    assert small_company.instruction("big").state is InstructionState.DONE
    held = [small_company.treasuries.balance(each, "USDC") for each in (ARBITRUM, OPTIMISM)]
    assert held == [1_010_000 * WHOLE, 1_000_000 * WHOLE]
    assert small_company.treasuries.invested(OPTIMISM, "USDC") >= 5_000 * WHOLE - 2


def targets(company: Company) -> dict[str, Any]:
    """Return targets: Ethereum sends to both others, and Optimism invests its amount."""
    ids = {each: f"EVM-{chain.chain_id}" for each, chain in company.treasuries.chains.items()}
    (venue,) = company.treasuries.record(OPTIMISM)["venues"]["USDC"]
    wanted = {
        ids[ETHEREUM]: {"idle": "985000"},
        ids[ARBITRUM]: {"idle": "1010000"},
        ids[OPTIMISM]: {"idle": "1000000", "venues": {venue: "5000"}},
    }
    return {"version": 1, "targets": {"USDC": wanted}}


def test_command__that_is_refused__says_why_and_fails(small_company: Company) -> None:
    file = small_company.keeper.folder / "move.json"
    file.write_text(json.dumps(small_company.order("2000000")))
    for arguments in ((), ("--arm", "--wait")):
        with small_company.command("instruct", str(file), *arguments) as said:
            assert said.wait() == 1
            assert "2000000 must arrive" in said.out
    assert small_company.moved() == (0, 0)


@pytest.mark.parametrize(
    "point",
    [
        "inside_begin_batch",
        "after_begin_batch",
        "after_move_transfer_cross_create",
        "inside_move_batch",
    ],
)
def test_keeper__killed_in_the_middle__the_next_one_ends_it_once(
    small_company: Company, point: str
) -> None:
    body = json.dumps(small_company.order())
    with small_company.started(**crash_at(point)) as keeper:
        keeper.ask("POST", PLACE, body, "order-7")
        assert keeper.child.wait() == -signal.SIGKILL
    with small_company.started() as keeper:
        assert keeper.ask("POST", PLACE, body, "order-7")[0] == HTTPStatus.OK
        keeper.child.wait_for(DONE)
    assert small_company.instruction("order-7").state is InstructionState.DONE
    assert small_company.moved() == (1_000, 1_000)
    assert len(small_company.keeper.transfers()) == 1


@pytest.mark.parametrize(("point", "status"), [("inside", 202), ("after", 200)])
def test_keeper__killed_while_it_takes_one__the_same_again_is_done_once(
    small_company: Company, point: str, status: int
) -> None:
    body = json.dumps(small_company.order())
    with small_company.started(**crash_at(f"{point}_submit_instruction")) as keeper:
        with pytest.raises((OSError, HTTPException)):
            keeper.ask("POST", PLACE, body, "order-7")
        assert keeper.child.wait() == -signal.SIGKILL
    with small_company.started() as keeper:
        assert keeper.ask("POST", PLACE, body, "order-7")[0] == status
        keeper.child.wait_for(DONE)
    assert small_company.moved() == (1_000, 1_000)
