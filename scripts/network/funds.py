"""Changes of the ERC-4626 funds: yield, losses, suspended and illiquid withdrawals."""

from scripts.network.accounts import WHALE
from scripts.network.chain import LocalChain

_VARIABLE = 2
_NO_REFERRAL = 0


def pay_yield(chain: LocalChain, fund: str, amount: int) -> None:
    """Pay yield into TBILL or CREDIT, which are run by an issuer, in base units of USDT."""
    chain.send(chain.fund(fund).functions.payYield(amount))


def report_loss(chain: LocalChain, fund: str, amount: int) -> None:
    """Report a loss of TBILL or CREDIT, in base units of USDT."""
    chain.send(chain.fund(fund).functions.reportLoss(amount))


def pause_withdrawals(chain: LocalChain, fund: str, *, paused: bool = True) -> None:
    """Suspend or resume the withdrawals of TBILL or CREDIT."""
    chain.send(chain.fund(fund).functions.setWithdrawalsPaused(paused))


def drain_money_market(chain: LocalChain, symbol: str, leave: int) -> None:
    """Borrow Aave's cash of a token down to `leave` base units, so that not all can withdraw."""
    aave, token = chain.addresses.aave, chain.addresses.tokens[symbol]
    cash = chain.balance(symbol, aave.a_tokens[symbol])
    pool = chain.contract("Pool", aave.pool).functions
    chain.send(pool.borrow(token, cash - leave, _VARIABLE, _NO_REFERRAL, WHALE))
