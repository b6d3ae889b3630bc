// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {IVaultFunder} from "@ballast/interfaces/IVaultFunder.sol";
import {VaultFunder} from "@ballast/recurring/VaultFunder.sol";

import {SchedulerTest} from "./SchedulerTest.sol";

/// @title Used caps of a purse and of an account stay used when caps are lowered, removed and set again
/// @notice Also refused by a purse: caps in the wrong order, and a receiver that rejects money.
contract CapsOverChangesTest is SchedulerTest {
    uint72 private constant PER_RUN = 1 ether;
    uint72 private constant PER_DAY = 4 ether;
    VaultFunder private purse;

    function setUp() public override {
        super.setUp();
        purse = new VaultFunder(address(scheduler), address(this));
        chain.deal(address(purse), 100 ether);
        purse.setSpender(alice, PER_RUN, PER_DAY);
        chain.deal(alice, 0);
    }

    function test_purse__capsTakenAwayAndSetAgain__areNotFullAgain() public {
        _takeAll();
        purse.setSpender(alice, 0, 0);
        assertEq(purse.availableTo(alice), 0, "none");
        purse.setSpender(alice, PER_RUN, PER_DAY);
        assertEq(purse.availableTo(alice), 0, "used is used");
        assertEq(purse.capOf(alice).level, 0, "nothing is left");
        _skip(6 hours);
        assertEq(purse.availableTo(alice), PER_DAY / 4, "fills as ever");
    }

    function test_purse__capsLoweredAndRaised__areNotFullAgain() public {
        _takeAll();
        purse.setSpender(alice, PER_RUN / 4, PER_DAY / 4);
        assertEq(purse.availableTo(alice), 0, "more was used than may be now");
        purse.setSpender(alice, PER_RUN, PER_DAY);
        assertEq(purse.availableTo(alice), 0, "used is used");
    }

    function test_purse__afterHalfOfTheDay__halfIsThere() public {
        assertEq(purse.capOf(alice).level, PER_DAY, "a new day's cap is full");
        _takeAll();
        _skip(12 hours);
        IVaultFunder.Cap memory cap = purse.capOf(alice);
        assertEq(cap.level, PER_DAY / 2, "half");
        assertEq(cap.last, block.timestamp, "as of now");
        assertEq(purse.availableTo(alice), PER_RUN, "one run");
    }

    /// @dev After any changes, withdrawals are at most one full cap and the refill at the highest rate.
    function testFuzz_purse__anyChanges__noMoreThanTheLargestCap(uint256 seed) public {
        for (uint256 i = 0; i < 40; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _skip(seed % 4 hours);
            uint72 perDay = uint72(seed >> 32) % (PER_DAY + 1);
            if (seed >> 128 & 1 == 0) purse.setSpender(alice, perDay / 2, perDay / 2 == 0 ? 0 : perDay);
            vm.prank(alice);
            purse.withdrawAvailable(type(uint256).max);
        }
        uint256 most = uint256(PER_DAY) + uint256(PER_DAY) * (block.timestamp - START) / 1 days;
        assertLe(alice.balance, most, "bounded");
    }

    function test_setSpender__unsoundCaps__reverts() public {
        uint72[2][3] memory caps = [[uint72(2), 1], [uint72(0), 1], [uint72(1), 0]];
        for (uint256 i = 0; i < caps.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IVaultFunder.VaultFunder_InvalidCaps.selector, caps[i][0], caps[i][1])
            );
            purse.setSpender(alice, caps[i][0], caps[i][1]);
        }
        assertEq(purse.capOf(alice).perDay, PER_DAY, "as before");
    }

    function test_withdraw__receiverTakesNothing__reverts() public {
        uint256 before = address(purse).balance;
        vm.expectRevert(abi.encodeWithSelector(IVaultFunder.VaultFunder_TransferFailed.selector, address(target)));
        purse.withdraw(address(target), 1 ether);
        purse.withdraw(alice, 1 ether);
        assertEq(before - address(purse).balance, 1 ether, "to who takes it");
    }

    function test_account__capsTakenAwayAndSetAgain__areNotFullAgain() public {
        ITransactionScheduler.Request memory request = _request();
        request.payer = address(this);
        uint40 fee = uint40(scheduler.calculateFee(request.priority, request.effort, 0) / 1 gwei + 1);
        scheduler.deposit{value: 10 ether}(address(this), address(booker));
        scheduler.setSpender(address(booker), fee, fee);
        booker.book(request, "");
        scheduler.setSpender(address(booker), 0, 0);
        scheduler.setSpender(address(booker), fee, fee);
        vm.expectPartialRevert(ITransactionScheduler.TransactionScheduler_AboveCap.selector);
        booker.book(request, "");
    }

    function _takeAll() private {
        for (uint256 i = 0; i < PER_DAY / PER_RUN; ++i) {
            vm.prank(alice);
            purse.withdrawAvailable(PER_RUN);
        }
        assertEq(alice.balance, PER_DAY, "a day's worth");
        assertEq(purse.availableTo(alice), 0, "and no more");
    }
}
