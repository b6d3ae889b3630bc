"""Plans that need approval, with real commands, a real Safe, and the contract's own checks."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_utils.abi import function_abi_to_4byte_selector
from web3.exceptions import ContractCustomError

from keepers.chain.abi import all_errors
from keepers.chain.contracts.approved_plans import VaultPlans
from keepers.chain.contracts.ledger import hash_of, signable
from keepers.chain.limit_keys import LimitKey, LimitKind
from keepers.model.approval import ApprovablePlan, NewTicket, Signature
from keepers.model.chain import ContractCall
from keepers.model.run import RunRecord, RunStatus
from keepers.signing.local import safe_message
from keepers.store.database import open_database
from keepers.store.tickets import TicketRepository
from scripts.deployment.local import APPROVER, GUARDIAN
from scripts.network.accounts import test_account
from scripts.network.market import accrue
from tests.integration.keeper.test_rebalance import is_on_target
from tests.integration.support.deploy import KEEPER_ACCOUNT, USDT, DeployedVault
from tests.integration.support.keeper import Done, Keeper
from tests.integration.support.safe import OWNERS, make_safe

PASSWORD = {"BALLAST_APPROVER_PASSWORD": "a password"}
ONE = 'REBALANCE_APPROVAL_THRESHOLD = "1000", REBALANCE_MULTISIG_THRESHOLD = "1000000"'
STRANGER = 8
"""Index of an account of the network that is no approver."""

TWO = 'REBALANCE_APPROVAL_THRESHOLD = "1000", REBALANCE_MULTISIG_THRESHOLD = "2000"'


@pytest.fixture
def strict(keeper: Keeper) -> Keeper:
    """Keeper whose plans need one approval."""
    keeper.configure(tiers=ONE)
    return keeper


def waiting(keeper: Keeper) -> RunRecord:
    """Make a plan that waits for approval; return its run."""
    done = keeper.rebalance()
    assert done.status == 0, done.err
    record = keeper.runs()[0]
    assert record.status is RunStatus.OPEN
    assert keeper.vault.keeper_nonce() == 0
    return record


def keystore(folder: Path, index: int) -> str:
    """Write the keystore file of an account of the network."""
    content = Account.encrypt(test_account(index).key, PASSWORD[next(iter(PASSWORD))], "scrypt", 2)
    file = folder / f"{index}.json"
    file.write_text(json.dumps(content))
    return str(file)


def approve(keeper: Keeper, record: RunRecord, index: int, *more: str) -> Done:
    """Approve a run as an account of the network."""
    file = keystore(keeper.folder, index)
    wanted = ("approve", record.run.run_id[:8], "--keystore", file, "--yes", "--json", *more)
    return keeper.run(*wanted, environment=PASSWORD)


def ticket_of(keeper: Keeper, record: RunRecord) -> NewTicket:
    """Return the ticket of a run."""
    ledger = open_database(f"sqlite:///{keeper.folder / 'ballast.sqlite'}")
    found = TicketRepository(ledger).ticket(record.run.run_id)
    ledger.close()
    assert found is not None
    return found.ticket


def test_plan__approved_by_an_account__runs_through_the_ledger(strict: Keeper) -> None:
    record = waiting(strict)
    shown = strict.run("approve", record.run.run_id)
    assert "buy WETH: give" in shown.out
    assert json.loads(strict.run("approve", "--json").out)["requests"][0]["required"] == 1
    signed = approve(strict, record, APPROVER)
    assert signed.status == 0, signed.err
    done = strict.rebalance()
    assert done.status == 0, done.err
    ended = strict.runs()[0]
    assert (ended.run.run_id, ended.status) == (record.run.run_id, RunStatus.DONE)
    assert is_on_target(strict)
    status = strict.vault.deployment.read(
        "PlanLedger",
        "statusOf",
        strict.vault.deployment.contract("AssetController").address,
        ticket_of(strict, record).plan_hash,
    )
    assert status[0] == (1 << len(ended.steps)) - 1


def test_plan__approved_by_a_safe__two_of_three_owners(keeper: Keeper) -> None:
    safe = make_safe(keeper.vault.chain)
    keeper.vault.send("PlanLedger", "raiseApprover", safe, 2)
    keeper.configure(tiers=TWO)
    record = waiting(keeper)
    assert ticket_of(keeper, record).required == 2
    for index in OWNERS[:2]:
        assert keeper.rebalance().status == 0
        assert keeper.runs()[0].status is RunStatus.OPEN
        done = approve(keeper, record, index, "--safe", safe)
        assert done.status == 0, done.err
    stranger = approve(keeper, record, STRANGER, "--safe", safe)
    assert (stranger.status, "is not an owner of Safe" in stranger.err) == (1, True)
    assert keeper.rebalance().status == 0
    assert keeper.runs()[0].status is RunStatus.DONE
    assert is_on_target(keeper)


def test_approve__by_nobody_of_the_ledger__is_refused(strict: Keeper) -> None:
    done = approve(strict, waiting(strict), STRANGER)
    assert done.status == 1
    assert "is not an approver of plan ledger" in done.err


def test_approve__signature_from_another_wallet__counts(strict: Keeper) -> None:
    record = waiting(strict)
    printed = strict.run("approve", record.run.run_id, "--typed-data")
    account = test_account(APPROVER)
    signature = account.sign_typed_data(full_message=json.loads(printed.out)).signature.hex()
    wanted = ("approve", record.run.run_id, "--signature", f"0x{signature}", "--yes")
    done = strict.run(*wanted, "--by", account.address)
    assert done.status == 0, done.err
    assert strict.rebalance().status == 0
    assert strict.runs()[0].status is RunStatus.DONE


def test_approve__owners_without_a_prefix_from_other_wallets__make_a_whole(keeper: Keeper) -> None:
    safe = make_safe(keeper.vault.chain)
    keeper.vault.send("PlanLedger", "raiseApprover", safe, 2)
    keeper.configure(tiers=TWO)
    record = waiting(keeper)
    plan_hash = bytes.fromhex(ticket_of(keeper, record).plan_hash[2:])
    for index in OWNERS[:2]:
        account = test_account(index)
        message = safe_message(keeper.vault.chain.chain_id, safe, plan_hash)
        signature = account.sign_message(message).signature.hex().removeprefix("0x")
        wanted = ("approve", record.run.run_id, "--signature", signature, "--yes", "--safe", safe)
        done = keeper.run(*wanted, "--by", account.address)
        assert done.status == 0, done.err
    assert keeper.rebalance().status == 0
    assert keeper.runs()[0].status is RunStatus.DONE


def test_reject__ends_the_run_with_its_reason(strict: Keeper) -> None:
    record = waiting(strict)
    done = strict.run("reject", record.run.run_id, "--reason", "not today", "--yes")
    assert done.status == 0, done.err
    late = approve(strict, record, APPROVER)
    assert (late.status, "is rejected: not today" in late.err) == (1, True)
    strict.rebalance()
    ended = strict.journal.run(record.run.run_id)
    assert ended.status is RunStatus.REFUSED
    assert "not today" in (ended.reason or "")


class Court:
    """Contract and waiting plan of a test; calls use `eth_call` from the keeper's account."""

    def __init__(self, keeper: Keeper, record: RunRecord) -> None:
        self.keeper = keeper
        self.chain = keeper.vault.chain
        self.plan = ticket_of(keeper, record).vault_plan
        # Only its encoding of calls is used, which needs no node.
        self.plans = VaultPlans(None, self.plan.consumer)  # type: ignore[arg-type]

    def signed(self, plan: ApprovablePlan | None = None, index: int = APPROVER) -> Signature:
        account = test_account(index)
        signature = account.sign_message(signable(plan or self.plan)).signature
        return Signature(account.address, f"0x{bytes(signature).hex()}")

    def opening(self, *signatures: Signature, plan: ApprovablePlan | None = None) -> str:
        """Return the name of the error that refuses an opening."""
        return self.refusal(self.plans.open_call(plan or self.plan, signatures))

    def refusal(self, call: ContractCall, sender: str = KEEPER_ACCOUNT.address) -> str:
        request: Any = {"from": sender, "to": call.target, "data": call.calldata}
        with pytest.raises(ContractCustomError) as refused:
            self.chain.web3.eth.call(request)
        data = str(refused.value.data)
        return next(
            (each["name"] for each in all_errors() if data.startswith(selector(each))), data
        )


def selector(error: Any) -> str:
    return f"0x{function_abi_to_4byte_selector(error).hex()}"


@pytest.fixture(scope="module")
def case(deployed: DeployedVault, tmp_path_factory: pytest.TempPathFactory) -> Generator[Court]:
    """One waiting plan, for all attempts to bypass its approval."""
    before = deployed.chain.snapshot()
    keeper = Keeper(deployed, tmp_path_factory.mktemp("case"))
    keeper.configure(tiers=ONE)
    yield Court(keeper, waiting(keeper))
    deployed.chain.revert(before)


@pytest.fixture
def court(case: Court) -> Generator[Court]:
    """The same plan; the chain is reset after each test."""
    before = case.chain.snapshot()
    yield case
    case.chain.revert(before)


def test_bypass__unapproved__is_refused_on_chain(court: Court) -> None:
    assert court.opening() == "AssetController_NotApproved"


def test_bypass__never_opened__no_action_runs(court: Court) -> None:
    call = court.plans.execute_call(court.plan, 0)
    assert court.refusal(call) == "PlanLedger_UnknownPlan"


def test_bypass__expired__is_refused_on_chain(court: Court) -> None:
    signature = court.signed()
    accrue(court.chain, 2 * 3600 + 60)
    assert court.opening(signature) == "PlanLedger_Expired"


def first_with(plan: ApprovablePlan, **changes: int) -> ApprovablePlan:
    """Return the plan with a changed first action."""
    first, *others = plan.actions
    return replace(plan, actions=(replace(first, **changes), *others))


ALTERATIONS: dict[str, Callable[[ApprovablePlan], ApprovablePlan]] = {
    "later deadline": lambda plan: replace(plan, deadline=plan.deadline + 1),
    "other nonce": lambda plan: replace(plan, nonce=plan.nonce + 1),
    "lower minimum": lambda plan: first_with(plan, minimum_out=plan.actions[0].minimum_out - 1),
    "larger amount": lambda plan: first_with(plan, amount=plan.actions[0].amount + 1),
    "first part": lambda plan: replace(plan, actions=plan.actions[:1]),
    "second part": lambda plan: replace(plan, actions=plan.actions[1:]),
    "other state": lambda plan: replace(plan, state=(plan.state[0] + 1, *plan.state[1:])),
}


@pytest.mark.parametrize("how", list(ALTERATIONS))
def test_bypass__altered_or_a_part__is_refused_on_chain(court: Court, how: str) -> None:
    signature = court.signed()
    other = ALTERATIONS[how](court.plan)
    assert hash_of(other) != hash_of(court.plan)
    assert court.opening(signature, plan=other) == "PlanLedger_InvalidSignature"


def test_bypass__in_parts_without_a_plan__adds_up_in_the_keepers_own_limit(court: Court) -> None:
    """Splitting does not help: the contract counts all parts in one limit, whatever their size."""
    controller = court.keeper.vault.deployment.contract("AssetController")
    key = LimitKey(LimitKind.AUTOMATIC, KEEPER_ACCOUNT.address)
    cap, guardian = 1_000 * USDT, test_account(GUARDIAN).address
    court.keeper.vault.send(
        "AssetController", "lowerLimit", key.packed, cap, 86_400, sender=guardian
    )
    accrue(court.chain, 86_400)
    asset = next(each for each in court.plan.actions if each.data == "0x").asset
    half = controller.encode_abi("purchaseAsset", [asset, cap // 2, 0, b""])
    for _ in range(2):
        court.chain.transact(
            half, to=controller.address, sender=KEEPER_ACCOUNT.address, what="half"
        )
    third = ContractCall(controller.address, half)
    assert court.refusal(third) == "RateLimits_Exceeded"


def test_bypass__signed_for_another_chain__is_refused_on_chain(court: Court) -> None:
    elsewhere = court.signed(replace(court.plan, chain_id=1))
    assert court.opening(elsewhere) == "PlanLedger_InvalidSignature"


def test_bypass__by_a_removed_approver__is_refused_on_chain(court: Court) -> None:
    signature = court.signed()
    guardian = test_account(GUARDIAN).address
    court.keeper.vault.send("PlanLedger", "lowerApprover", signature.signer, 0, sender=guardian)
    assert court.opening(signature) == "PlanLedger_NotApprover"


def test_bypass__same_signer_twice__is_refused_on_chain(court: Court) -> None:
    signature = court.signed()
    assert court.opening(signature, signature) == "PlanLedger_UnorderedSigners"


def test_bypass__another_keepers_key__is_refused_on_chain(court: Court) -> None:
    call = court.plans.open_call(court.plan, [court.signed()])
    other = test_account(STRANGER).address
    assert court.refusal(call, other) == "PlanLedger_OtherKeeper"


def test_bypass__state_moved_since__is_refused_on_chain(court: Court) -> None:
    signature = court.signed()
    court.keeper.vault.deposit(5_000)
    assert court.opening(signature) == "AssetController_StateMoved"


def test_bypass__paused_and_unpaused__is_refused_on_chain(court: Court) -> None:
    signature = court.signed()
    court.keeper.vault.pause()
    assert court.opening(signature) == "AssetController_Paused"
    court.keeper.vault.send("AssetController", "unpause")
    assert court.opening(signature) == "PlanLedger_OtherEpoch"


def test_bypass__done_actions_again__are_refused_on_chain(strict: Keeper) -> None:
    record = waiting(strict)
    court = Court(strict, record)
    approve(strict, record, APPROVER)
    assert strict.rebalance().status == 0
    again = court.plans.execute_call(court.plan, 0)
    assert court.refusal(again) == "PlanLedger_AlreadyConsumed"
