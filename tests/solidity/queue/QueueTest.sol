// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {System} from "../support/System.sol";

/// @title Steps shared by tests of the queue
abstract contract QueueTest is System {
    /// @dev Shares for one dollar at the first price.
    uint256 internal constant WHOLE = 1e12;

    address internal immutable bob = address(0xB0B);
    address internal immutable carol = address(0xCA401);

    function _request(address account, uint256 shares) internal returns (uint256 requestId) {
        vm.prank(account);
        return queue.requestRedeem(shares, account, account);
    }

    function _cancel(address account, uint256 requestId) internal returns (uint256 shares) {
        vm.prank(account);
        return queue.cancelRedeemRequest(requestId, account, account);
    }

    function _claim(address account, uint256 requestId) internal returns (uint256 shares, uint256 assets) {
        vm.prank(account);
        return queue.claim(requestId, account, account);
    }

    function _redeem(address account, uint256 shares) internal returns (uint256 assets) {
        vm.prank(account);
        return queue.redeem(shares, account, account);
    }

    function _withdraw(address account, uint256 assets) internal returns (uint256 shares) {
        vm.prank(account);
        return queue.withdraw(assets, account, account);
    }

    /// @dev Moves tokens of L2 to the vault, as a keeper would.
    function _refill(uint256 assets) internal {
        vm.prank(address(l2));
        marketA.withdraw(assets, address(vault), address(l2));
    }

    /// @dev Loses a part of marketA's assets.
    function _lose(uint256 bps) internal {
        marketA.lose(marketA.totalAssets() * bps / 10_000);
    }

    /// @dev Invests all idle tokens except `left`, without loss.
    function _drain(uint256 left) internal {
        uint256 spare = vault.idle() - left;
        vm.prank(address(controller));
        vault.supply(marketA, spare, address(l2));
    }

    /// @dev Repeats the last answers of the feeds at the current time.
    function _refresh() internal {
        usdtFeed.set(usdtFeed.answer());
        wethFeed.set(wethFeed.answer());
        bondFeed.set(bondFeed.answer());
    }

    function _pass(uint256 time) internal {
        vm.warp(block.timestamp + time);
        _refresh();
    }
}
