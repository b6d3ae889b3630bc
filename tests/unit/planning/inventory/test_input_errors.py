"""Tests of unusable planning files for inventory: each mistake names its field in one line."""

import json
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner

from keepers.cli.main import cli
from keepers.model.errors import EXIT_UNUSABLE_INPUT, InputError
from keepers.planning.files.inventory import plan_inventory_file

pytestmark = pytest.mark.long

POOR: dict[str, Any] = {"base": "10000", "balance": "4210.5", "decimals": 6}
RICH: dict[str, Any] = {"base": "10000", "balance": "20000", "decimals": 6}
CHAINS: dict[str, Any] = {"EVM-1": POOR, "EVM-10": RICH}
BASE: dict[str, Any] = {"trigger_percentage": "0.5", "assets": {"USDC": CHAINS}}
ROUTE: dict[str, Any] = {
    "asset": "USDC",
    "source": "EVM-10",
    "destination": "EVM-1",
    "route": "CCTP",
}
FLIGHT: dict[str, Any] = {
    "asset": "USDC",
    "source": "EVM-10",
    "destination": "EVM-1",
    "amount": "100",
    "arriving": "99.5",
    "debited": True,
    "credited": False,
}


def refused(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        plan_inventory_file(data)
    assert caught.value.exit_status == EXIT_UNUSABLE_INPUT
    assert "\n" not in str(caught.value)
    return caught.value


def run(data: bytes, *arguments: str) -> tuple[int, str, str]:
    runner = CliRunner(mix_stderr=False)
    result = runner.invoke(cli, ["plan", "inventory", "--input", "-", *arguments], input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def assert_refused_by_command(data: bytes, message: str, *arguments: str) -> None:
    """Assert that the command prints the message on standard error, and JSON with --json."""
    status, out, err = run(data, *arguments)

    assert (status, err) == (EXIT_UNUSABLE_INPUT, f"{message}\n")
    if "--json" in arguments:
        assert json.loads(out)["error"]["message"] == message
    else:
        assert out == ""


def chain(**members: Any) -> dict[str, Any]:
    return {"assets": {"USDC": {"EVM-10": RICH, "EVM-1": POOR | members}}}


def route(**members: Any) -> dict[str, Any]:
    return {"routes": [ROUTE, ROUTE | {"route": "USDT0"} | members]}


def flight(**members: Any) -> dict[str, Any]:
    return {"in_flight": [FLIGHT, FLIGHT | members]}


WHERE = "assets.USDC.EVM-1"
MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"trigger_percentage": "0"}, "trigger_percentage", "0"),
    ({"trigger_percentage": "0.000"}, "trigger_percentage", "0"),
    ({"trigger_percentage": "1"}, "trigger_percentage", "1"),
    ({"trigger_percentage": "1.5"}, "trigger_percentage", "1"),
    ({"trigger_percentage": "-0.5"}, "trigger_percentage", "is not a number"),
    ({"trigger_percentage": "50 %"}, "trigger_percentage", "is not a number"),
    ({"trigger_percentage": "5e-1"}, "trigger_percentage", "is not a number"),
    ({"trigger_percentage": ".5"}, "trigger_percentage", "is not a number"),
    ({"trigger_percentage": "0.5 "}, "trigger_percentage", "is not a number"),
    ({"trigger_percentage": "0,5"}, "trigger_percentage", "is not a number"),
    ({"trigger_percentage": 0.5}, "trigger_percentage", "not a JSON number"),
    ({"trigger_percentage": None}, "trigger_percentage", "not null"),
    ({"solver": "fast"}, "solver", "must be one of exact, greedy"),
    ({"solver": ""}, "solver", "must not be empty"),
    ({"solver": 1}, "solver", "not a JSON number"),
    ({"time_limit_seconds": 10}, "time_limit_seconds", "not a JSON number"),
    ({"time_limit_seconds": "-1"}, "time_limit_seconds", "is not a number"),
    ({"time_limit_seconds": "1e1"}, "time_limit_seconds", "is not a number"),
    ({"trigger": "0.5"}, "trigger", "is unknown here"),
    ({"assets": []}, "assets", "must be an object, not a list"),
    ({"assets": None}, "assets", "must be an object, not null"),
    ({"assets": {"USDC": []}}, "assets.USDC", "must be an object, not a list"),
    ({"assets": {"USDC": {"EVM-1": "5"}}}, WHERE, "must be an object, not a string"),
    (chain(base="0"), f"{WHERE}.base", "above 0"),
    (chain(base="0.000000"), f"{WHERE}.base", "above 0"),
    (chain(base="-1"), f"{WHERE}.base", "is not a number"),
    (chain(base="1.0000001"), f"{WHERE}.base", "7 decimals"),
    (chain(base="9" * 80), f"{WHERE}.base", "256 bits"),
    (chain(base="1" * 101), f"{WHERE}.base", "101 characters"),
    (chain(balance="-1"), f"{WHERE}.balance", "is not a number"),
    (chain(balance="-0"), f"{WHERE}.balance", "is not a number"),
    (chain(balance="+1"), f"{WHERE}.balance", "is not a number"),
    (chain(balance="01"), f"{WHERE}.balance", "is not a number"),
    (chain(balance="1."), f"{WHERE}.balance", "is not a number"),
    (chain(balance="1e3"), f"{WHERE}.balance", "is not a number"),
    (chain(balance=" 1"), f"{WHERE}.balance", "is not a number"),
    (chain(balance="1\n"), f"{WHERE}.balance", "is not a number"),
    (chain(balance="1_000"), f"{WHERE}.balance", "is not a number"),
    (chain(balance="\u0661"), f"{WHERE}.balance", "is not a number"),
    (chain(balance="NaN"), f"{WHERE}.balance", "is not a number"),
    (chain(balance=""), f"{WHERE}.balance", "is not a number"),
    (chain(balance="4210.5000000"), f"{WHERE}.balance", "7 decimals"),
    (chain(balance=4210.5), f"{WHERE}.balance", "not a JSON number"),
    (chain(balance=None), f"{WHERE}.balance", "not null"),
    (chain(balance=True), f"{WHERE}.balance", "not true or false"),
    (chain(decimals=19), f"{WHERE}.decimals", "JSON integer from 0 to 18"),
    (chain(decimals=-1), f"{WHERE}.decimals", "JSON integer from 0 to 18"),
    (chain(decimals=6.0), f"{WHERE}.decimals", "JSON integer from 0 to 18"),
    (chain(decimals="6"), f"{WHERE}.decimals", "JSON integer from 0 to 18"),
    (chain(decimals=0), f"{WHERE}.balance", "1 decimals"),
    (chain(threshold="1"), f"{WHERE}.threshold", "is unknown here"),
    ({"routes": {}}, "routes", "must be a list, not an object"),
    ({"routes": ["CCTP"]}, "routes[0]", "must be an object, not a string"),
    (route(asset="USDT"), "routes[1].asset", "USDT"),
    (route(asset=""), "routes[1].asset", "must not be empty"),
    (route(source="EVM-2"), "routes[1].source", "EVM-2"),
    (route(source="evm-10"), "routes[1].source", "evm-10"),
    (route(destination="EVM-2"), "routes[1].destination", "EVM-2"),
    (route(destination="EVM-10"), "routes[1]", "EVM-10"),
    (route(destination=1), "routes[1].destination", "not a JSON number"),
    (route(route="CCTP"), "routes[1]", "CCTP"),
    (route(route="CCTP", fee="1", fallback=True), "routes[1]", "CCTP"),
    (route(route=""), "routes[1].route", "must not be empty"),
    (route(route=None), "routes[1].route", "not null"),
    (route(fee="-1"), "routes[1].fee", "is not a number"),
    (route(fee="0.0000001"), "routes[1].fee", "7 decimals"),
    (route(fee=0), "routes[1].fee", "not a JSON number"),
    (route(fee_bps="-1"), "routes[1].fee_bps", "is not a number"),
    (route(fee_bps="1%"), "routes[1].fee_bps", "is not a number"),
    (route(fee_bps=1), "routes[1].fee_bps", "not a JSON number"),
    (route(minimum="-1"), "routes[1].minimum", "is not a number"),
    (route(minimum="0.0000001"), "routes[1].minimum", "7 decimals"),
    (route(minimum=1), "routes[1].minimum", "not a JSON number"),
    (route(maximum="1e9"), "routes[1].maximum", "is not a number"),
    (route(maximum="0.0000001"), "routes[1].maximum", "7 decimals"),
    (route(seconds="-20"), "routes[1].seconds", "is not a number"),
    (route(seconds=20), "routes[1].seconds", "not a JSON number"),
    (route(fallback="true"), "routes[1].fallback", "must be true or false, not a string"),
    (route(fallback=0), "routes[1].fallback", "must be true or false, not a JSON number"),
    (route(bridge="CCTP"), "routes[1].bridge", "is unknown here"),
    ({"in_flight": {}}, "in_flight", "must be a list, not an object"),
    ({"in_flight": [1]}, "in_flight[0]", "must be an object, not a JSON number"),
    (flight(asset="USDT"), "in_flight[1].asset", "USDT"),
    (flight(source="EVM-2"), "in_flight[1].source", "EVM-2"),
    (flight(destination="EVM-2"), "in_flight[1].destination", "EVM-2"),
    (flight(destination="EVM-10"), "in_flight[1]", "EVM-10"),
    (flight(amount="-1"), "in_flight[1].amount", "is not a number"),
    (flight(amount="0.0000001"), "in_flight[1].amount", "7 decimals"),
    (flight(amount=1), "in_flight[1].amount", "not a JSON number"),
    (flight(arriving="-1"), "in_flight[1].arriving", "is not a number"),
    (flight(arriving="0.0000001"), "in_flight[1].arriving", "7 decimals"),
    (flight(debited="yes"), "in_flight[1].debited", "must be true or false, not a string"),
    (flight(credited=None), "in_flight[1].credited", "must be true or false, not null"),
    (flight(route="CCTP"), "in_flight[1].route", "is unknown here"),
    (
        flight(amount="20000.000001", debited=False),
        "assets.USDC.EVM-10.balance",
        "-0.000001",
    ),
]


@pytest.mark.parametrize(
    ("change", "field", "problem"), MISTAKES, ids=[f"{row[1]}: {row[2][:30]!a}" for row in MISTAKES]
)
def test_plan_inventory_file__field_that_cannot_be_used__is_named(
    change: dict[str, Any], field: str, problem: str
) -> None:
    data = json.dumps(BASE | change).encode()

    error = refused(data)

    # A mistake of a whole row may name the row or one of its members.
    assert error.field == field or (field[-1] == "]" and error.field.startswith(f"{field}."))
    assert problem in error.problem
    assert_refused_by_command(data, str(error), "--json")


@pytest.mark.parametrize("missing", sorted(BASE))
def test_plan_inventory_file__required_field_missing__is_named(missing: str) -> None:
    document = {key: value for key, value in BASE.items() if key != missing}

    assert str(refused(json.dumps(document).encode())) == f"{missing}: is missing"


@pytest.mark.parametrize("missing", sorted(POOR))
def test_plan_inventory_file__member_of_a_chain_missing__is_named(missing: str) -> None:
    poor = {key: value for key, value in POOR.items() if key != missing}
    document = BASE | {"assets": {"USDC": {"EVM-10": RICH, "EVM-1": poor}}}

    assert str(refused(json.dumps(document).encode())) == f"{WHERE}.{missing}: is missing"


@pytest.mark.parametrize(
    ("members", "whole", "missing"),
    [("routes", ROUTE, each) for each in sorted(ROUTE)]
    + [("in_flight", FLIGHT, each) for each in sorted(FLIGHT)],
)
def test_plan_inventory_file__required_member_of_a_row_missing__is_named(
    members: str, whole: dict[str, Any], missing: str
) -> None:
    row = {key: value for key, value in whole.items() if key != missing}

    error = refused(json.dumps(BASE | {members: [row]}).encode())

    assert str(error) == f"{members}[0].{missing}: is missing"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"assets": {}, "assets": {}}', "assets"),
        ('{"assets": {"USDC": {}, "USDC": {}}}', "assets.USDC"),
        ('{"assets": {"USDC": {"EVM-1": {}, "EVM-1": {}}}}', "assets.USDC.EVM-1"),
        ('{"assets": {"USDC": {"EVM-1": {"base": "1", "base": "1"}}}}', f"{WHERE}.base"),
        ('{"routes": [{"fee": "1", "fee": "1"}]}', "routes[0].fee"),
        ('{"in_flight": [{}, {"debited": true, "debited": true}]}', "in_flight[1].debited"),
    ],
)
def test_plan_inventory_file__key_given_twice__is_named(text: str, field: str) -> None:
    error = refused(text.encode())

    assert str(error) == f"{field}: is given twice"
    assert_refused_by_command(text.encode(), str(error), "--json")


NO_DOCUMENTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is not JSON"),
    "blank": (b" \n\t", "is not JSON"),
    "cut": (json.dumps(BASE).encode()[:-1], "is not JSON"),
    "two": (b"{} {}", "is not JSON"),
    "nothing": (b"null", "must be an object, not null"),
    "list": (b"[]", "must be an object, not a list"),
    "number": (b"1" * 5000, "must be an object, not a JSON number"),
    "not UTF-8": (b'{"assets": "\xff"}', "is not UTF-8"),
    "10 MB of words": (b"nonsense " * 1_200_000, "is not JSON"),
    "10 MB of bytes": (bytes(range(256)) * 40_000, "is not"),
    "10 MB of a string": (b'"' + b"x" * 10_000_000 + b'"', "must be an object, not a string"),
    "10 MB of brackets": (b"[" * 10_000_000, "is nested deeper"),
    "deep objects": (b'{"assets":' * 100_000, "is nested deeper"),
}


@pytest.mark.parametrize("form", [["--json"], [], ["--explain"]])
@pytest.mark.parametrize("name", NO_DOCUMENTS)
def test_plan_inventory__no_document_at_all__names_the_input(name: str, form: list[str]) -> None:
    data, problem = NO_DOCUMENTS[name]

    error = refused(data)

    assert error.field == "input"
    assert problem in error.problem
    assert len(str(error)) < 200
    assert_refused_by_command(data, str(error), *form)


def test_plan_inventory_file__nested_beyond_reason__names_where() -> None:
    deep: Any = "1"
    for _ in range(40):
        deep = {"x": deep}

    error = refused(json.dumps(BASE | {"assets": deep}).encode())

    assert error.field.startswith("assets.x.x")
    assert "nested deeper" in error.problem


@pytest.mark.parametrize(
    "data",
    [b"", b"[" * 200_000, json.dumps(BASE | route(fee="-1")).encode()],
    ids=["empty", "brackets", "negative fee"],
)
def test_plan_inventory__process_with_unusable_input__has_no_traceback(data: bytes) -> None:
    command = [sys.executable, "-m", "keepers.cli", "plan", "inventory", "--input", "-", "--json"]

    done = subprocess.run(command, input=data, capture_output=True, check=False)

    assert done.returncode == EXIT_UNUSABLE_INPUT
    assert json.loads(done.stdout)["error"]["exit_status"] == EXIT_UNUSABLE_INPUT
    assert done.stderr.count(b"\n") == 1
    assert b"Traceback" not in done.stderr


def test_plan_inventory_file__null_for_what_has_no_default__is_the_same_as_absent() -> None:
    null = BASE | {"routes": None}

    answers = [plan_inventory_file(json.dumps(each).encode()) for each in (BASE, null)]

    assert answers[0] == answers[1]


@pytest.mark.parametrize(("balance", "status"), [("20000", 0), ("10000", 3)])
def test_plan_inventory__usable_input__is_planned(balance: str, status: int) -> None:
    document = BASE | {"assets": {"USDC": CHAINS | {"EVM-10": RICH | {"balance": balance}}}}

    code, out, err = run(json.dumps(document).encode(), "--json")

    assert (code, err) == (status, "")
    assert json.loads(out) == plan_inventory_file(json.dumps(document).encode()).document


LIMIT: dict[str, Any] = {"asset": "USDC", "source": "EVM-10", "maximum": "5"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"asset": "DAI"}, "limits[1].asset: DAI is not one of the assets"),
        ({"source": "EVM-7"}, "limits[1].source: EVM-7 is not one of the chains of USDC"),
        ({}, "limits[1].route: the limit of all routes from EVM-10 is given twice"),
        ({"maximum": 5}, "limits[1].maximum: must be a number in a string"),
    ],
)
def test_plan_inventory_file__unusable_limit__is_named(row: dict[str, Any], message: str) -> None:
    document = BASE | {"limits": [LIMIT, LIMIT | row]}

    assert str(refused(json.dumps(document).encode())).startswith(message)
