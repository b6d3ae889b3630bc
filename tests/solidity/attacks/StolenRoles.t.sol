// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";

import {System} from "../support/System.sol";

/// @title Contract that acts as the vault's controller and pays a thief
contract ThievingController {
    ILiquidityVault private immutable _vault;
    address private immutable _l2;
    address private immutable _l3;
    bool public constant locked = false;
    uint256 public constant deployedValue = 0;

    constructor(ILiquidityVault vault_, address l2_, address l3_) {
        (_vault, _l2, _l3) = (vault_, l2_, l3_);
    }

    function portfolio(uint8 tier) external view returns (address) {
        return tier == 1 ? _l2 : _l3;
    }

    function steal(address to) external {
        _vault.pay(to, _vault.idle());
    }
}

/// @title Stolen key of a configurator or admin (V1), with the access manager in the state left by `configure`
/// @notice scripts/deployment/roles.py and supervision.py define the role of each function and who cancels its calls;
/// tests/contracts/test_supervision.py compares this set-up with them.
contract StolenRolesTest is System {
    uint64 private constant ADMIN = 0;
    uint64 private constant ADMIN_CALLS = 3;
    uint32 private constant TWO_DAYS = 2 days;
    /// @dev Time after which new delays of the manager take effect.
    uint256 private constant SETBACK = 5 days;

    address private immutable _configurator = address(0xC0F1);
    address private immutable _admin = address(0xAD);
    ThievingController private _thieving;

    function setUp() public override {
        super.setUp();
        bytes4[] memory selectors = _vetoed();
        manager.setTargetFunctionRole(address(manager), selectors, ADMIN_CALLS);
        manager.setRoleGuardian(CONFIGURATOR, GUARDIAN);
        manager.setRoleGuardian(ADMIN_CALLS, GUARDIAN);
        manager.grantRole(CONFIGURATOR, _configurator, TWO_DAYS);
        manager.grantRole(ADMIN, _admin, TWO_DAYS);
        for (uint64 role = ADMIN; role <= GUARDIAN; ++role) {
            manager.setGrantDelay(role, TWO_DAYS);
        }
        manager.setTargetAdminDelay(address(vault), TWO_DAYS);
        manager.revokeRole(CONFIGURATOR, address(this));
        manager.renounceRole(ADMIN, address(this));
        vm.warp(block.timestamp + SETBACK);
        _thieving = new ThievingController(vault, address(l2), address(l3));
    }

    function test_StolenConfigurator_GuardianCancels() public {
        bytes memory taking = _taking();
        _schedule(_configurator, address(vault), taking);
        _cancel(_configurator, address(vault), taking);
        vm.warp(block.timestamp + TWO_DAYS);
        vm.prank(_configurator);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        manager.execute(address(vault), taking);
        _nothingTaken();
    }

    function test_StolenConfigurator_CannotActAtOnce() public {
        vm.prank(_configurator);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        vault.setController(address(_thieving));
        vm.prank(_configurator);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        manager.execute(address(vault), _taking());
    }

    function test_StolenAdmin_GrantsItselfNothingAtOnce() public {
        vm.startPrank(_admin);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        manager.grantRole(CONFIGURATOR, _admin, 0);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        manager.setTargetFunctionRole(address(vault), _one(LiquidityVault.setController.selector), ADMIN);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        manager.updateAuthority(address(vault), _admin);
    }

    function test_StolenAdmin_GuardianCancelsEveryCallThatGivesPower() public {
        bytes[] memory calls = _powers();
        for (uint256 i; i < calls.length; ++i) {
            _schedule(_admin, address(manager), calls[i]);
            _cancel(_admin, address(manager), calls[i]);
            vm.warp(block.timestamp + TWO_DAYS);
            vm.prank(_admin);
            vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
            manager.execute(address(manager), calls[i]);
        }
        _nothingTaken();
    }

    /// Revoking the guardian takes two public days, and a call that the guardian cancelled waits two days after it is
    /// scheduled again.
    function test_StolenAdmin_RevokesTheGuardian_EarlierCallsStayCancelled() public {
        bytes memory granting = abi.encodeCall(AccessManager.grantRole, (CONFIGURATOR, _admin, 0));
        bytes memory revoking = abi.encodeCall(AccessManager.revokeRole, (GUARDIAN, guardian));
        _schedule(_admin, address(manager), revoking);
        _schedule(_admin, address(manager), granting);
        _cancel(_admin, address(manager), granting);
        vm.warp(block.timestamp + TWO_DAYS);
        vm.startPrank(_admin);
        manager.execute(address(manager), revoking);
        manager.schedule(address(manager), granting, 0);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotReady.selector);
        manager.execute(address(manager), granting);
        vm.stopPrank();
        _nothingTaken();
    }

    /// A stolen guardian key cannot cancel its own removal, so it cannot block the owners for ever.
    function test_StolenGuardian_CannotKeepItsRole() public {
        bytes memory revoking = abi.encodeCall(AccessManager.revokeRole, (GUARDIAN, guardian));
        _schedule(_admin, address(manager), revoking);
        vm.prank(guardian);
        vm.expectPartialRevert(IAccessManager.AccessManagerUnauthorizedCancel.selector);
        manager.cancel(_admin, address(manager), revoking);
        vm.warp(block.timestamp + TWO_DAYS);
        vm.prank(_admin);
        manager.execute(address(manager), revoking);
        (bool held,) = manager.hasRole(GUARDIAN, guardian);
        assertFalse(held, "removed");
    }

    function test_GrantedRole_WaitsForTheGrantDelay() public {
        bytes memory granting = abi.encodeCall(AccessManager.grantRole, (CONFIGURATOR, outsider, TWO_DAYS));
        _schedule(_admin, address(manager), granting);
        vm.warp(block.timestamp + TWO_DAYS);
        vm.prank(_admin);
        manager.execute(address(manager), granting);
        (bool held,) = manager.hasRole(CONFIGURATOR, outsider);
        assertFalse(held, "not yet");
        vm.warp(block.timestamp + TWO_DAYS);
        (held,) = manager.hasRole(CONFIGURATOR, outsider);
        assertTrue(held, "after the grant delay");
    }

    function _powers() private view returns (bytes[] memory calls) {
        bytes4[] memory taking = _one(LiquidityVault.setController.selector);
        bytes4[] memory revoking = _one(AccessManager.revokeRole.selector);
        calls = new bytes[](9);
        calls[0] = abi.encodeCall(AccessManager.grantRole, (CONFIGURATOR, _admin, 0));
        calls[1] = abi.encodeCall(AccessManager.setTargetFunctionRole, (address(vault), taking, ADMIN));
        calls[2] = abi.encodeCall(AccessManager.updateAuthority, (address(vault), _admin));
        calls[3] = abi.encodeCall(AccessManager.setRoleGuardian, (CONFIGURATOR, ADMIN));
        calls[4] = abi.encodeCall(AccessManager.setRoleAdmin, (CONFIGURATOR, CONFIGURATOR));
        calls[5] = abi.encodeCall(AccessManager.setGrantDelay, (CONFIGURATOR, 0));
        calls[6] = abi.encodeCall(AccessManager.setTargetAdminDelay, (address(vault), 0));
        calls[7] = abi.encodeCall(AccessManager.setTargetFunctionRole, (address(manager), revoking, ADMIN));
        calls[8] = abi.encodeCall(AccessManager.setTargetClosed, (address(vault), true));
    }

    function _vetoed() private pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](9);
        selectors[0] = AccessManager.grantRole.selector;
        selectors[1] = AccessManager.setRoleAdmin.selector;
        selectors[2] = AccessManager.setRoleGuardian.selector;
        selectors[3] = AccessManager.setGrantDelay.selector;
        selectors[4] = AccessManager.setTargetAdminDelay.selector;
        selectors[5] = AccessManager.setTargetFunctionRole.selector;
        selectors[6] = AccessManager.setTargetClosed.selector;
        selectors[7] = AccessManager.updateAuthority.selector;
        selectors[8] = AccessManager.labelRole.selector;
    }

    function _one(bytes4 selector) private pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](1);
        selectors[0] = selector;
    }

    function _taking() private view returns (bytes memory) {
        return abi.encodeCall(LiquidityVault.setController, (address(_thieving)));
    }

    function _schedule(address by, address target, bytes memory data) private {
        vm.prank(by);
        manager.schedule(target, data, 0);
    }

    function _cancel(address by, address target, bytes memory data) private {
        vm.prank(guardian);
        manager.cancel(by, target, data);
    }

    function _nothingTaken() private {
        vm.expectPartialRevert(ILiquidityVault.LiquidityVault_NotController.selector);
        _thieving.steal(outsider);
        assertEq(usdt.balanceOf(outsider), 0, "nothing");
    }
}
