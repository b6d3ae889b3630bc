"""What a deployments file may say of limits, caps and budgets."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scripts.deployment.config import DeploymentConfig
from scripts.deployment.parts import Limit

EXAMPLE = Path(__file__).resolve().parents[2] / "deployments" / "example.toml"
ANYBODY = "0x00000000000000000000000000000000DeaDBeef"
WEEK = 7 * 24 * 3600
ENOUGH = {"cap": "1", "period_seconds": 60}


@pytest.fixture
def document() -> dict[str, Any]:
    return tomllib.loads(EXAMPLE.read_text())


def test_bounds__left_out__are_the_contracts_own(document: dict[str, Any]) -> None:
    vault = {key: document["vault"][key] for key in ("name", "symbol", "settlement", "bands")}
    config = DeploymentConfig.model_validate(document | {"vault": vault})
    assert config.vault.bounds == [
        *(500, 1000, 2000, 2000, 3000, 4000, 5000, 6000, 7000),
        *(100, 8000, 100, 1800, 14_400),
    ]
    assert config.units(config.vault.dual_approval_above) == 200_000 * 10**6


def test_loss_budgets__from_assets__are_half_a_percent_over_a_week(
    document: dict[str, Any],
) -> None:
    document["loss_budgets"] = {"assets": "1000000"}
    budgets = DeploymentConfig.model_validate(document).loss_budgets.limits
    usual = Limit(cap=Decimal(5000), period_seconds=WEEK)
    assert budgets == {"LossAdd": usual, "LossReduce": usual}


def test_loss_budgets__one_as_an_amount__leaves_the_other(document: dict[str, Any]) -> None:
    document["loss_budgets"] = {"assets": "1000000", "adding": ENOUGH}
    budgets = DeploymentConfig.model_validate(document).loss_budgets.limits
    assert [budgets[name].cap for name in ("LossAdd", "LossReduce")] == [1, 5000]


def test_longest_period__is_that_of_the_slowest_limit(document: dict[str, Any]) -> None:
    assert DeploymentConfig.model_validate(document).longest_period == WEEK


@pytest.mark.parametrize(("decimals", "exponent"), [(6, 0), (8, 0), (18, 12)])
def test_limit_exponent__many_decimals__leaves_room_for_large_caps(
    document: dict[str, Any], decimals: int, exponent: int
) -> None:
    document["tokens"]["USDT"]["decimals"] = decimals
    config = DeploymentConfig.model_validate(document)
    assert config.limit_exponent == exponent
    assert config.units(Decimal("0.5")) == 5 * 10 ** (decimals - 1)


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


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_twice, "keepers name .* twice"),
        (_in_both_tiers, "l2 and l3 name .* twice"),
        (_cap_below_target, "WETH: its target is 6000 basis points of the vault, above .* 2500"),
        (_fund_without_rate, "waEthUSDT: an ERC4626 holding needs a maximum_rate"),
        (_swap_with_rate, "a VENUE holding has none"),
        (_no_budget, "give assets"),
        (_too_fine, "has more decimals than USDT"),
        (_too_large, "keeper 0x.*: its cap is too large"),
        (_too_large_a_rate, "its maximum_rate is too large"),
        (_heavy_approver, "weight"),
    ],
)
def test_config__spoiled__says_what_is_wrong(
    document: dict[str, Any], spoil: Any, problem: str
) -> None:
    spoil(document)
    with pytest.raises(ValueError, match=problem):
        DeploymentConfig.model_validate(document)
