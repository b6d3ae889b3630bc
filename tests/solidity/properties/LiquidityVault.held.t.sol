// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {LiquidityVaultErc4626Test} from "./LiquidityVault.erc4626.t.sol";

/// @title ERC-4626 properties with a holding time: everyone's shares are partly free and partly locked, for different
/// times
/// forge-config: default.isolate = true
/// forge-config: default.fuzz.runs = 32
contract LiquidityVaultHeldTest is LiquidityVaultErc4626Test {
    uint32 private constant HOUR = 1 hours;

    function _arrange(State memory state) internal override {
        super._arrange(state);
        vault.setHoldingTime(HOUR);
        for (uint8 i = 0; i < 2 * PEOPLE; ++i) {
            uint256 seed = state.tokens[i % PEOPLE];
            if (seed % 3 != 0) _depositAgain(_person(i), seed % 1e12);
            vm.warp(block.timestamp + (seed >> 128) % HOUR);
        }
    }

    function _liquid(address account, uint256 shares) internal override {
        (, uint256 until) = vault.lockedShares(account);
        if (until != 0) vm.warp(until);
        super._liquid(account, shares);
    }

    /// @dev Free shares can be withdrawn to the last unit, and no more.
    function testFuzz_held_maximaAreExact(State memory state, Cast memory cast) public {
        _arrange(state);
        address owner = _person(cast.owner);
        (uint256 locked,) = vault.lockedShares(owner);
        uint256 free = vault.balanceOf(owner) - locked;
        uint256 due = vault.previewMint(vault.dueShares());
        uint256 cash = vault.idle() > due ? vault.idle() - due : 0;
        assertEq(vault.maxRedeem(owner), Math.min(free, vault.convertToShares(cash)), "maxRedeem");
        assertEq(vault.maxWithdraw(owner), Math.min(vault.convertToAssets(free), cash), "maxWithdraw");
        _mustFail(owner, abi.encodeCall(vault.transfer, (address(0xDEAD), free + 1)));
        _mustFail(owner, abi.encodeCall(vault.redeem, (vault.maxRedeem(owner) + 1, owner, owner)));
        _mustFail(owner, abi.encodeCall(vault.withdraw, (vault.maxWithdraw(owner) + 1, owner, owner)));
        vm.prank(owner);
        vault.transfer(address(0xDEAD), free);
        assertEq(vault.balanceOf(owner), locked, "what is left is locked");
    }

    function _depositAgain(address account, uint256 assets) internal {
        usdt.mint(account, assets);
        vm.prank(account);
        usdt.approve(address(vault), 0);
        vm.prank(account);
        usdt.approve(address(vault), assets);
        vm.prank(account);
        vault.deposit(assets, account);
    }

    function _mustFail(address account, bytes memory data) internal {
        vm.prank(account);
        (bool done,) = address(vault).call(data);
        assertFalse(done, "one more");
    }
}
