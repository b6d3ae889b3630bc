"""ERC-4626 funds: real interest from Aave, and the funds of an issuer."""

from collections.abc import Mapping

import pytest
from eth_typing import ChecksumAddress
from web3.exceptions import ContractCustomError

from scripts.network import LocalChain
from scripts.network.market import (
    accrue,
    drain_money_market,
    pause_withdrawals,
    pay_yield,
    report_loss,
    units,
)

YEAR = 365 * 24 * 3_600
AMOUNT = units("USDT", 100_000)


def _deposit(chain: LocalChain, fund: str, owner: ChecksumAddress, amount: int = AMOUNT) -> int:
    vault = chain.fund(fund)
    symbol = "USDC" if fund == "AAVE-USDC" else "USDT"
    chain.send(chain.token(symbol).functions.approve(vault.address, amount), sender=owner)
    chain.send(vault.functions.deposit(amount, owner), sender=owner)
    return vault.functions.balanceOf(owner).call()


def test_aave__a_year_of_supply__earns_what_the_rates_say(
    chain: LocalChain, alice: ChecksumAddress
) -> None:
    aave, token = chain.addresses.aave, chain.token("USDT")
    pool = chain.contract("Pool", aave.pool).functions
    chain.send(token.functions.approve(aave.pool, AMOUNT), sender=alice)
    chain.send(pool.supply(token.address, AMOUNT, alice, 0), sender=alice)
    chain.set_time(chain.timestamp() + YEAR)
    a_token = chain.contract("AToken", aave.a_tokens["USDT"]).functions
    # 70 % utilisation costs 5.25 %; less a tenth for the reserve, suppliers get a little over 3 %.
    assert 0.030 < a_token.balanceOf(alice).call() / AMOUNT - 1 < 0.034


@pytest.mark.parametrize("fund", ["AAVE-USDT", "AAVE-USDC"])
def test_money_market__a_month__pays_out_more_than_went_in(
    chains: Mapping[str, LocalChain], alice: ChecksumAddress, fund: str
) -> None:
    for chain in chains.values():
        functions, shares = chain.fund(fund).functions, _deposit(chain, fund, alice)
        symbol = fund.removeprefix("AAVE-")
        accrue(chain, YEAR // 12)
        before = chain.balance(symbol, alice)
        chain.send(functions.redeem(shares, alice, alice), sender=alice)
        assert 1.002 < (chain.balance(symbol, alice) - before) / AMOUNT < 1.004
        assert functions.balanceOf(alice).call() == 0


def test_money_market__withdraw__sends_exactly_the_assets(
    chain: LocalChain, alice: ChecksumAddress
) -> None:
    _deposit(chain, "AAVE-USDT", alice)
    functions, before = chain.fund("AAVE-USDT").functions, chain.balance("USDT", alice)
    chain.send(functions.withdraw(AMOUNT // 2, alice, alice), sender=alice)
    assert chain.balance("USDT", alice) - before == AMOUNT // 2


def test_money_market__whole_maximum__can_be_withdrawn(
    chain: LocalChain, alice: ChecksumAddress
) -> None:
    _deposit(chain, "AAVE-USDT", alice)
    functions = chain.fund("AAVE-USDT").functions
    most = functions.maxWithdraw(alice).call()
    assert most >= AMOUNT - 2  # Aave and ERC-4626 round down once each
    chain.send(functions.withdraw(most, alice, alice), sender=alice)


def test_money_market__cash_lent_out__bounds_withdrawals(
    chain: LocalChain, alice: ChecksumAddress
) -> None:
    shares = _deposit(chain, "AAVE-USDT", alice)
    functions, left = chain.fund("AAVE-USDT").functions, units("USDT", 1_000)
    drain_money_market(chain, "USDT", left)
    assert functions.maxWithdraw(alice).call() == left
    assert functions.maxRedeem(alice).call() < shares
    with pytest.raises(ContractCustomError):
        functions.withdraw(left + 1, alice, alice).call({"from": alice})
    chain.send(functions.withdraw(left, alice, alice), sender=alice)
    assert functions.maxWithdraw(alice).call() == 0


def test_money_market__reserve_paused_or_frozen__is_told_by_its_limits(
    chain: LocalChain, alice: ChecksumAddress
) -> None:
    _deposit(chain, "AAVE-USDT", alice)
    functions, usdt = chain.fund("AAVE-USDT").functions, chain.addresses.tokens["USDT"]
    configurator = chain.contract("PoolConfigurator", chain.addresses.aave.configurator).functions
    chain.send(configurator.setReserveFreeze(usdt, True))
    assert functions.maxDeposit(alice).call() == functions.maxMint(alice).call() == 0
    assert functions.maxWithdraw(alice).call() > 0
    chain.send(configurator.setReservePause(usdt, True))
    assert functions.maxWithdraw(alice).call() == functions.maxRedeem(alice).call() == 0


def test_money_market__nothing__may_be_deposited_and_withdrawn(
    chain: LocalChain, alice: ChecksumAddress
) -> None:
    functions = chain.fund("AAVE-USDT").functions
    chain.send(functions.deposit(0, alice), sender=alice)
    chain.send(functions.withdraw(0, alice, alice), sender=alice)


@pytest.mark.parametrize("fund", ["TBILL", "CREDIT"])
def test_fund__yield_and_loss__move_the_share_price(
    chain: LocalChain, alice: ChecksumAddress, fund: str
) -> None:
    shares = _deposit(chain, fund, alice)
    worth = chain.fund(fund).functions.convertToAssets
    assert worth(shares).call() == AMOUNT
    # The seed is 100,000 as well, so Alice gets half of each, less rounding.
    pay_yield(chain, fund, units("USDT", 10_000))
    assert 0 <= AMOUNT + units("USDT", 5_000) - worth(shares).call() <= 1
    report_loss(chain, fund, units("USDT", 30_000))
    assert 0 <= AMOUNT - units("USDT", 10_000) - worth(shares).call() <= 1


def test_fund__withdrawals_paused__pays_nothing_until_resumed(
    chain: LocalChain, alice: ChecksumAddress
) -> None:
    shares = _deposit(chain, "TBILL", alice)
    functions = chain.fund("TBILL").functions
    pause_withdrawals(chain, "TBILL")
    assert functions.maxWithdraw(alice).call() == functions.maxRedeem(alice).call() == 0
    with pytest.raises(ContractCustomError):
        functions.redeem(shares, alice, alice).call({"from": alice})
    pause_withdrawals(chain, "TBILL", paused=False)
    chain.send(functions.redeem(shares, alice, alice), sender=alice)
