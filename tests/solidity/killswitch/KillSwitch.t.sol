// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IKillSwitch} from "@ballast/interfaces/IKillSwitch.sol";
import {KillSwitch} from "@ballast/security/KillSwitch.sol";

import {Test} from "../support/Test.sol";

contract KillSwitchTest is Test {
    uint64 private constant CONFIGURATOR = 1;
    uint64 private constant GUARDIAN = 2;
    address private constant GUARD = address(0x64A4D);
    address private constant KEEPER = address(0x6EE9E4);
    address private constant OTHER = address(0x07E4);

    KillSwitch private killSwitch;

    function setUp() public {
        AccessManager manager = new AccessManager(address(this));
        killSwitch = new KillSwitch(address(manager));
        manager.grantRole(CONFIGURATOR, address(this), 0);
        manager.grantRole(GUARDIAN, GUARD, 0);
        bytes4[] memory fast = new bytes4[](2);
        (fast[0], fast[1]) = (KillSwitch.pause.selector, KillSwitch.removeKeeper.selector);
        bytes4[] memory slow = new bytes4[](2);
        (slow[0], slow[1]) = (KillSwitch.unpause.selector, KillSwitch.restoreKeeper.selector);
        manager.setTargetFunctionRole(address(killSwitch), fast, GUARDIAN);
        manager.setTargetFunctionRole(address(killSwitch), slow, CONFIGURATOR);
    }

    function test_stateOf_nothingHappened_isAllZero() public view {
        _expect(KEEPER, false, false, 0);
    }

    function test_pause_notPaused_beginsAnEpoch() public {
        vm.expectEmit(address(killSwitch));
        emit IKillSwitch.Paused(GUARD, 1);
        vm.prank(GUARD);
        killSwitch.pause();
        _expect(KEEPER, true, false, 1);
        _expect(OTHER, true, false, 1);
    }

    function test_pause_pausedAlready_beginsAnotherEpoch() public {
        vm.startPrank(GUARD);
        killSwitch.pause();
        killSwitch.pause();
        vm.stopPrank();
        _expect(KEEPER, true, false, 2);
    }

    function test_unpause_notPaused_reverts() public {
        vm.expectRevert(IKillSwitch.KillSwitch_NotPaused.selector);
        killSwitch.unpause();
    }

    function test_unpause_paused_resumesInTheNewEpoch() public {
        vm.prank(GUARD);
        killSwitch.pause();
        vm.expectEmit(address(killSwitch));
        emit IKillSwitch.Unpaused(address(this));
        killSwitch.unpause();
        _expect(KEEPER, false, false, 1);
    }

    function test_removeKeeper_anyAccount_removesItAlone() public {
        vm.startPrank(GUARD);
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(killSwitch));
            emit IKillSwitch.KeeperRemoved(KEEPER);
            killSwitch.removeKeeper(KEEPER);
        }
        vm.stopPrank();
        _expect(KEEPER, false, true, 0);
        _expect(OTHER, false, false, 0);
    }

    function test_restoreKeeper_notRemoved_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IKillSwitch.KillSwitch_NotRemoved.selector, KEEPER));
        killSwitch.restoreKeeper(KEEPER);
    }

    function test_restoreKeeper_removed_restores() public {
        vm.prank(GUARD);
        killSwitch.removeKeeper(KEEPER);
        vm.expectEmit(address(killSwitch));
        emit IKillSwitch.KeeperRestored(KEEPER);
        killSwitch.restoreKeeper(KEEPER);
        _expect(KEEPER, false, false, 0);
    }

    /// The guardian can stop but not resume; the configurator can resume but not stop; a keeper can do neither.
    function test_callers_withoutTheRole_areRefused() public {
        bytes[4] memory calls = [
            abi.encodeCall(KillSwitch.pause, ()),
            abi.encodeCall(KillSwitch.removeKeeper, (OTHER)),
            abi.encodeCall(KillSwitch.unpause, ()),
            abi.encodeCall(KillSwitch.restoreKeeper, (OTHER))
        ];
        for (uint256 i = 0; i < 4; ++i) {
            _expectRefusal(KEEPER, calls[i]);
            _expectRefusal(i < 2 ? address(this) : GUARD, calls[i]);
        }
    }

    function _expectRefusal(address caller, bytes memory data) private {
        vm.prank(caller);
        (bool done, bytes memory answer) = address(killSwitch).call(data);
        assertFalse(done, "refused");
        bool sound = bytes4(answer) == IAccessManaged.AccessManagedUnauthorized.selector;
        assertTrue(sound, "for lack of the role");
    }

    function _expect(address account, bool paused, bool removed, uint32 epoch) private view {
        (bool isPaused, bool isRemoved, uint32 current) = killSwitch.stateOf(account);
        assertTrue(isPaused == paused && killSwitch.paused() == paused, "paused");
        assertTrue(isRemoved == removed && killSwitch.isRemoved(account) == removed, "removed");
        assertEq(current, epoch, "epoch");
        assertEq(killSwitch.epoch(), epoch, "epoch alone");
    }
}
