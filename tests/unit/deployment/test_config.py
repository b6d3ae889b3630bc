"""Tests of limits, caps and budgets in a deployments file."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from keepers.config.service import RecurringSettings
from keepers.model.recurring import batch_gas_of
from scripts.deployment.config import DELAYS, Limit, require_real_accounts
from scripts.deployment.errors import DeploymentConfigError
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.contracts import deployed_names
from scripts.deployment.vault.recurring import Recurring

EXAMPLE = Path(__file__).resolve().parents[3] / "deployments" / "example.toml"
ANYBODY = "0x00000000000000000000000000000000DeaDBeef"
WEEK = 7 * 24 * 3600
HOUR = 3600
GAS_TESTS = Path(__file__).resolve().parents[2] / "solidity" / "recurring" / "RecurringTest.sol"
MOST_GAS = 2**24
"""Maximum gas of a transaction (EIP-7825)."""
ENOUGH = {"cap": "1", "period_seconds": 60}


@pytest.fixture
def document() -> dict[str, Any]:
    return tomllib.loads(EXAMPLE.read_text())


def test_bounds__left_out__are_the_contracts_own(document: dict[str, Any]) -> None:
    vault = {key: document["vault"][key] for key in ("name", "symbol", "settlement", "bands")}
    config = VaultConfig.model_validate(document | {"vault": vault})
    assert config.vault.bounds == [
        *(500, 1000, 2000, 2000, 3000, 4000, 5000, 6000, 7000),
        *(100, 8000, 100, 1800, 14_400),
    ]
    assert config.units(config.vault.dual_approval_above) == 200_000 * 10**6
    assert config.vault.holding_seconds == HOUR


def test_loss_budgets__from_assets__are_half_a_percent_over_a_week(
    document: dict[str, Any],
) -> None:
    document["loss_budgets"] = {"assets": "1000000"}
    budgets = VaultConfig.model_validate(document).loss_budgets.limits
    usual = Limit(cap=Decimal(5000), period_seconds=WEEK)
    assert budgets == {"LossAdd": usual, "LossReduce": usual, "LossOverdue": usual}


def test_loss_budgets__one_as_an_amount__leaves_the_other(document: dict[str, Any]) -> None:
    document["loss_budgets"] = {"assets": "1000000", "adding": ENOUGH}
    budgets = VaultConfig.model_validate(document).loss_budgets.limits
    assert [budgets[name].cap for name in ("LossAdd", "LossReduce")] == [1, 5000]


def test_longest_period__is_that_of_the_slowest_limit(document: dict[str, Any]) -> None:
    assert VaultConfig.model_validate(document).longest_period == WEEK


def test_open_turnover__left_out__is_that_of_the_most_limited_keeper(
    document: dict[str, Any],
) -> None:
    document["weights"] = {}
    document["keepers"].append(document["keepers"][0] | {"account": ANYBODY, "automatic": ENOUGH})
    config = VaultConfig.model_validate(document)
    assert config.open_turnover("L2") == Limit(cap=Decimal(1), period_seconds=60)
    assert [config.turnover_of(each, "L3").cap for each in config.keepers] == [50_000, 1]


def test_registry_limits__left_out__are_those_of_the_most_limited_keeper(
    document: dict[str, Any],
) -> None:
    # M7: without limits, a paid run is charged and moves nothing.
    document["recurring"] = {"payer": ANYBODY, "treasury": ANYBODY}
    config = VaultConfig.model_validate(document)
    least = min(config.keepers, key=lambda keeper: keeper.automatic.cap)
    assert config.registry_limits == {"automatic": least.automatic, "reducing": least.reducing}


def test_registry_limits__given_and_forced__are_as_given(document: dict[str, Any]) -> None:
    document["recurring"] = {
        "payer": ANYBODY,
        "treasury": ANYBODY,
        "force": True,
        "automatic": ENOUGH,
        "reducing": {"cap": "2", "period_seconds": 60},
    }
    found = VaultConfig.model_validate(document).registry_limits
    assert {name: limit.cap for name, limit in found.items()} == {
        "automatic": 1,
        "reducing": 2,
        "turnover": 1,
    }


def test_registry_limits__nothing_is_recurring__are_none(document: dict[str, Any]) -> None:
    assert VaultConfig.model_validate(document).registry_limits == {}


def test_open_turnover__without_keepers__is_none(document: dict[str, Any]) -> None:
    document |= {"weights": {}, "keepers": []}
    assert VaultConfig.model_validate(document).open_turnover("L3") is None


def test_deployed_names__optional_venues__only_where_configured(document: dict[str, Any]) -> None:
    usual = deployed_names(VaultConfig.model_validate(document))
    document["otc"] = {}
    document["l2"][1]["kind"] = "ASYNC"
    more = deployed_names(VaultConfig.model_validate(document))
    assert more == (*usual, "Erc7540Venue.steakUSDT", "OtcVenue")
    document["l3"][0]["venue"] = "AUTO"
    most = deployed_names(VaultConfig.model_validate(document))
    assert most == (*more, "AutoVenue")


@pytest.mark.parametrize(("decimals", "exponent"), [(6, 0), (8, 0), (18, 12)])
def test_limit_exponent__many_decimals__leaves_room_for_large_caps(
    document: dict[str, Any], decimals: int, exponent: int
) -> None:
    document["tokens"]["USDT"]["decimals"] = decimals
    config = VaultConfig.model_validate(document)
    assert config.limit_exponent == exponent
    assert config.units(Decimal("0.5")) == 5 * 10 ** (decimals - 1)


def test_accounts__desk_of_nobody__is_refused(document: dict[str, Any]) -> None:
    document["roles"] = {"admin": ANYBODY, "guardians": [ANYBODY]}
    document["keepers"][0]["account"] = document["approvers"][0]["account"] = ANYBODY
    document["otc"] = {"desks": ["0x000000000000000000000000000000000000dEaD"]}
    with pytest.raises(DeploymentConfigError, match=r"otc\.desks is 0x0+dEaD"):
        require_real_accounts(VaultConfig.model_validate(document))


def _twice(document: dict[str, Any]) -> None:
    document["keepers"] *= 2


def _in_both_tiers(document: dict[str, Any]) -> None:
    document["l2"][0] |= {"asset": "WETH"}


def _cap_below_target(document: dict[str, Any]) -> None:
    del document["l3"][0]["cap_bps"]


def _fund_without_rate(document: dict[str, Any]) -> None:
    del document["l2"][0]["maximum_rate"]


def _swap_with_rate(document: dict[str, Any]) -> None:
    document["l3"][0]["maximum_rate"] = "1"


def _swap_with_a_least_rate(document: dict[str, Any]) -> None:
    document["l3"][0]["minimum_rate_bps"] = 5_000


def _no_budget(document: dict[str, Any]) -> None:
    document["loss_budgets"] = {"adding": ENOUGH}


def _too_fine(document: dict[str, Any]) -> None:
    document["keepers"][0]["automatic"]["cap"] = "1.0000001"


def _too_large(document: dict[str, Any]) -> None:
    document["keepers"][0]["automatic"]["cap"] = str(2**72)


def _too_large_a_rate(document: dict[str, Any]) -> None:
    document["l2"][0]["maximum_rate"] = str(2**96)


def _heavy_approver(document: dict[str, Any]) -> None:
    document["approvers"] = [{"account": ANYBODY, "weight": 256}]


def _slow_fund_without_rate(document: dict[str, Any]) -> None:
    document["l2"][0]["kind"] = "ASYNC"
    del document["l2"][0]["maximum_rate"]


def _otc_without_desks(document: dict[str, Any]) -> None:
    document["l3"][0]["venue"] = "OTC"


def _auto_without_desks(document: dict[str, Any]) -> None:
    document["l3"][0]["venue"] = "AUTO"


def _auto_without_path(document: dict[str, Any]) -> None:
    document["otc"] = {"desks": [ANYBODY]}
    document["l3"][0] |= {"venue": "AUTO", "path": []}


def _desk_twice(document: dict[str, Any]) -> None:
    document["otc"] = {"desks": [ANYBODY, ANYBODY]}


def _anybody_loses_more(document: dict[str, Any]) -> None:
    document["weights"]["l2"] = {"maximum_loss_bps": 20}


def _turnover_too_large(document: dict[str, Any]) -> None:
    document["weights"]["l2"]["turnover"] = {"cap": str(2**72), "period_seconds": 1}


def _held_too_long(document: dict[str, Any]) -> None:
    document["vault"]["holding_seconds"] = WEEK + 1


def _minimum_too_large(document: dict[str, Any]) -> None:
    document["weights"]["l2"]["minimum_trade"] = str(2**96)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_twice, "keepers name .* twice"),
        (_in_both_tiers, "l2 and l3 name .* twice"),
        (_cap_below_target, "WETH: its target is 6000 basis points of the vault, above .* 2500"),
        (_fund_without_rate, "waEthUSDT: .* every other needs one"),
        (_swap_with_rate, "a VENUE holding has no maximum_rate"),
        (_swap_with_a_least_rate, "WETH: a VENUE holding has no minimum_rate_bps"),
        (_no_budget, "give assets"),
        (_too_fine, "has more decimals than USDT"),
        (_too_large, "keeper 0x.*: its cap is too large"),
        (_too_large_a_rate, "its maximum_rate is too large"),
        (_heavy_approver, "weight"),
        (_slow_fund_without_rate, "waEthUSDT: .* every other needs one"),
        (_otc_without_desks, r"WETH: it trades over the counter, so add \[otc\]"),
        (_auto_without_desks, r"WETH: it trades over the counter, so add \[otc\]"),
        (_auto_without_path, "needs a path"),
        (_desk_twice, "otc.desks name .* twice"),
        (_anybody_loses_more, "open_maximum_loss_bps is above maximum_loss_bps"),
        (_turnover_too_large, "weights.l2.turnover: its cap is too large"),
        (_minimum_too_large, "a minimum_trade is too large"),
        (_held_too_long, "vault.holding_seconds"),
    ],
)
def test_config__spoiled__says_what_is_wrong(
    document: dict[str, Any], spoil: Any, problem: str
) -> None:
    spoil(document)
    with pytest.raises(ValueError, match=problem):
        VaultConfig.model_validate(document)


def test_recurring__what_is_billed_for_a_transaction__is_what_the_gas_tests_bear_out() -> None:
    usual = Recurring(payer=ANYBODY, treasury=ANYBODY)
    bill = f"({usual.transaction_gas:_}, {usual.settlement_gas:_})"
    assert f"(terms.transactionGas, terms.settlementGas) = {bill};" in GAS_TESTS.read_text()


@pytest.mark.parametrize("key", DELAYS)
def test_roles__delay_of_zero__is_refused_unless_written_down(
    document: dict[str, Any], key: str
) -> None:
    document["roles"][key] = 0
    with pytest.raises(ValueError, match=f"{key}: 0 lets a stolen key act"):
        VaultConfig.model_validate(document)
    document["roles"]["accept_no_delay"] = True
    assert VaultConfig.model_validate(document).roles.without_delay == (key,)


def test_roles__delays_left_out__are_two_days(document: dict[str, Any]) -> None:
    document["roles"] = {"admin": ANYBODY, "guardians": [ANYBODY]}
    roles = VaultConfig.model_validate(document).roles
    assert {getattr(roles, key) for key in DELAYS} == {172_800}


def test_roles__nobody_who_cancels__is_refused(document: dict[str, Any]) -> None:
    document["roles"] = {"admin": ANYBODY}
    with pytest.raises(ValueError, match="guardians: without one nobody can cancel"):
        VaultConfig.model_validate(document)


def test_addresses__wrong_checksum__is_refused_and_lower_case_is_not(
    document: dict[str, Any],
) -> None:
    right = document["tokens"]["USDT"]["address"]
    document["tokens"]["USDT"]["address"] = right.lower()
    assert VaultConfig.model_validate(document).address("USDT") == right
    document["tokens"]["USDT"]["address"] = right.replace("dAC", "dac")
    with pytest.raises(ValueError, match="has a wrong checksum"):
        VaultConfig.model_validate(document)


@pytest.mark.parametrize("limits", [{"maximum_effort": 2_000_000}, {"effort": 10_000}])
def test_effort__outside_of_its_bounds__is_refused_with_the_numbers(
    document: dict[str, Any], limits: dict[str, int]
) -> None:
    payer = {"payer": ANYBODY, "treasury": ANYBODY}
    with pytest.raises(ValidationError, match=r"effort is .* must lie between") as caught:
        VaultConfig.model_validate(document | {"recurring": payer | limits})
    assert str(next(iter(limits.values()))) in str(caught.value)


def test_effort__by_default__three_runs_fit_into_a_keepers_transaction() -> None:
    effort: int = Recurring.model_fields["effort"].default
    longest: int = Recurring.model_fields["maximum_effort"].default
    batch = RecurringSettings().batch_gas
    assert batch_gas_of([effort] * 3) <= batch < MOST_GAS
    assert batch_gas_of([longest]) <= batch
