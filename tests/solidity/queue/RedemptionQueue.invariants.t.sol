// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRedemptionQueue} from "@ballast/interfaces/IRedemptionQueue.sol";

import {Ledger} from "../invariants/Ledger.sol";
import {
    DepositorHandler,
    MarketHandler,
    OutsiderHandler,
    QueueBook,
    QueueWorld,
    RequesterHandler
} from "./QueueHandlers.sol";
import {QueueTest} from "./QueueTest.sol";

/// @title Properties of `properties.md` after any actions of depositors, requesters, outsiders and the market
/// @notice Handlers make only calls that must succeed or whose refusal they expect, so none of their calls may revert.
/// forge-config: default.invariant.fail-on-revert = true
contract RedemptionQueueInvariants is QueueTest {
    Ledger private ledger;
    QueueBook private book;
    DepositorHandler private depositors;
    RequesterHandler private requesters;
    OutsiderHandler private outsiders;
    MarketHandler private market;

    function setUp() public override {
        super.setUp();
        // Alice's deposit is in the same transaction, so the bands count L1 as empty.
        _openBands();
        _invest();
        (ledger, book) = (new Ledger(), new QueueBook(vault.totalSupply()));
        QueueWorld memory world = QueueWorld({
            usdt: usdt,
            vault: vault,
            queue: queue,
            controller: address(controller),
            l2: address(l2),
            marketA: marketA,
            marketB: marketB,
            feeds: [usdtFeed, wethFeed, bondFeed],
            ledger: ledger,
            book: book
        });
        depositors = new DepositorHandler(world);
        requesters = new RequesterHandler(world);
        outsiders = new OutsiderHandler(world);
        market = new MarketHandler(world);
        // All shares belong to the actors.
        for (uint256 i = 0; i < 4; ++i) {
            address actor = depositors.actor(i);
            vm.prank(alice);
            vault.transfer(actor, DEPOSIT * 1e6 / 4);
        }
    }

    /// @notice Lists the contracts that forge may call: only the handlers.
    function targetContracts() external view returns (address[] memory list) {
        list = new address[](5);
        (list[0], list[1], list[2]) = (address(depositors), address(requesters), address(requesters));
        (list[3], list[4]) = (address(outsiders), address(market));
    }

    function invariant_A5_A6_A7_A8_D40_D42_Q4_Q6_Q7__whatHandlersSaw() external view {
        string[11] memory properties =
            ["A5", "A6", "A7", "A8", "D40", "D42", "first in, first out", "reserve", "authority", "request", "cancel"];
        for (uint256 i = 0; i < properties.length; ++i) {
            assertEq(ledger.violations(properties[i]), 0, properties[i]);
        }
        assertEq(ledger.total(), 0, "violations");
    }

    function invariant_D41_Q1_Q2_Q3_Q5__whatTheChainShows() external view {
        uint256 latest = _latest();
        _cashCoversClaims();
        _waitingIsTheSameEverywhere(latest);
        _batchesAreInOrder(latest);
        for (uint256 i = 0; i < 4; ++i) {
            _listNamesWhatIsThere(depositors.actor(i), latest);
        }
        _dueGrowsToAllThatWaits();
    }

    /// @dev D41: the cash equals the received and unclaimed amount, to the unit, and covers all claims.
    function _cashCoversClaims() internal view {
        uint256 cash = usdt.balanceOf(address(queue)) - book.givenTokens();
        assertEq(cash, book.received() - book.claimed(), "D41 cash");
        uint256 claims = 0;
        for (uint256 i = 0; i < 4; ++i) {
            claims += queue.maxWithdraw(depositors.actor(i));
        }
        assertLe(claims, cash, "D41 claims");
    }

    /// @dev Q1: waiting shares are in escrow, are due in the vault, and equal the sum of the batches and of the
    /// requests.
    function _waitingIsTheSameEverywhere(uint256 latest) internal view {
        uint256 waiting = queue.pendingShares();
        assertEq(vault.balanceOf(address(queue)), waiting + book.givenShares(), "Q1 escrow");
        assertEq(vault.dueShares(), (waiting + 1e6 - 1) / 1e6 * 1e6, "Q1 due");
        (uint256 inBatches, uint256 inRequests, uint256 members) = (0, 0, 0);
        for (uint256 id = 1; id <= latest; ++id) {
            IRedemptionQueue.Batch memory batch = queue.batchOf(id);
            inBatches += batch.shares - batch.fulfilled;
            for (uint256 i = 0; i < 4; ++i) {
                uint256 pending = queue.pendingRedeemRequest(id, depositors.actor(i));
                inRequests += pending;
                if (pending != 0) ++members;
            }
        }
        assertEq(inBatches, waiting, "Q1 batches");
        assertGe(inRequests, waiting, "Q1 requests");
        assertLe(inRequests, waiting + members, "Q1 requests");
    }

    /// @dev Q2: batches are fulfilled in order, at most completely, and with the amounts that the handlers saw.
    function _batchesAreInOrder(uint256 latest) internal view {
        bool waits = false;
        for (uint256 id = 1; id <= latest; ++id) {
            IRedemptionQueue.Batch memory batch = queue.batchOf(id);
            assertEq(batch.fulfilled, book.fulfilledBy(id), "Q2 fulfilled");
            assertEq(batch.assets, book.receivedBy(id), "Q2 assets");
            assertLe(batch.fulfilled, batch.shares, "Q2 no more than asked");
            if (waits) assertEq(batch.fulfilled, 0, "Q2 order");
            if (batch.fulfilled != batch.shares) waits = true;
            assertLe(batch.dueAt, batch.openedAt + 7 days, "Q2 due");
        }
    }

    /// @dev Q3: a controller's list is short and in order, and contains exactly the waiting and claimable requests.
    function _listNamesWhatIsThere(address account, uint256 latest) internal view {
        uint64[] memory ids = queue.batchesOf(account);
        assertLe(ids.length, 16, "Q3 length");
        uint256 next = 0;
        for (uint256 id = 1; id <= latest; ++id) {
            bool listed = next < ids.length && ids[next] == id;
            uint256 there = queue.pendingRedeemRequest(id, account) + queue.claimableRedeemRequest(id, account);
            if (there != 0) assertTrue(listed, "Q3 missing");
            if (listed) ++next;
        }
        assertEq(next, ids.length, "Q3 order");
    }

    /// @dev Q5: all waiting redemptions are due within the horizon, and a shorter time never gives more.
    function _dueGrowsToAllThatWaits() internal view {
        uint256 last = 0;
        for (uint256 horizon = 0; horizon <= 7 days; horizon += 7 days / 3) {
            uint256 due = queue.dueWithin(horizon);
            assertGe(due, last, "Q5 grows");
            last = due;
        }
        assertEq(last, queue.pendingRedemptions(), "Q5 all");
    }

    /// @dev Checks that enough calls of the handlers succeed.
    function test_handlers__aRun__reachEverything() external {
        for (uint256 i = 0; i < 900; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(i)));
            (uint256 a, uint256 b, uint256 c) = (draw >> 16, draw >> 96, uint256(keccak256(abi.encode(draw))));
            try this.step(draw % 20, a, b, c) {} catch {}
        }
        string[15] memory wanted = [
            "deposit",
            "mint",
            "withdraw",
            "redeem",
            "round trip",
            "request",
            "requested for another",
            "cancelled",
            "claimed",
            "redeemed",
            "withdrawn",
            "fulfilled",
            "fulfilled further",
            "refill",
            "drain"
        ];
        for (uint256 i = 0; i < wanted.length; ++i) {
            assertGe(ledger.counts(wanted[i]), 5, wanted[i]);
        }
        assertEq(ledger.total(), 0, "violations");
    }

    function step(uint256 which, uint256 a, uint256 b, uint256 c) external {
        if (which == 0) depositors.deposit(a, c);
        else if (which == 1) depositors.mint(a, c);
        else if (which == 2) depositors.withdraw(a, c);
        else if (which == 3) depositors.redeem(a, c);
        else if (which == 4) depositors.roundTrip(a, c);
        else if (which == 5) depositors.transfer(a, b, c);
        else if (which <= 7) requesters.request(a, c);
        else if (which == 8) requesters.requestFor(a, b, c, b);
        else if (which == 9) requesters.setOperator(a, b, c % 2 == 0);
        else if (which == 10) requesters.cancel(a, c % 2 == 0 ? a : b, c);
        else if (which == 11) requesters.claim(a, c % 2 == 0 ? a : b, c);
        else if (which == 12) requesters.redeem(a, c % 2 == 0 ? a : b, c);
        else if (which == 13) requesters.withdraw(a, c % 2 == 0 ? a : b, c);
        else if (which <= 15) outsiders.fulfil(c, c % 2 == 0);
        else if (which == 16) outsiders.trespass(a, b, c);
        else if (which == 17) market.refill(c);
        else if (which == 18) market.drain(c);
        else market.passTime(c);
    }

    /// @dev Returns the newest batch, from public views.
    function _latest() internal view returns (uint256 id) {
        while (queue.batchOf(id + 1).openedAt != 0) ++id;
    }
}
