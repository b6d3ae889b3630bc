// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title ERC-4626 strategy that is honest until its mood is changed
/// @notice It has no virtual shares, so its share price can be inflated while it is empty.
contract Strategy is ERC4626 {
    using SafeERC20 for IERC20;

    enum Mood {
        Honest,
        /// Keeps a part of every deposit and of every withdrawal.
        Skims,
        /// Takes less than the offered amount.
        TakesLess,
        /// Reports more shares than it mints.
        Lies,
        /// Burns more shares than it pays for.
        BurnsShares,
        /// Reverts on every withdrawal with a large amount of data.
        Bombs,
        /// Uses up all gas on a withdrawal.
        BurnsGas,
        /// Makes a call during deposits and withdrawals.
        Calls
    }

    uint256 private constant BOMB_SIZE = 100_000;

    Mood public mood;
    uint256 public moodBps;
    uint256 public limit = type(uint256).max;
    bool public withdrawalsPaused;
    address public callee;
    bytes public callData;
    bool public callSucceeded;
    bytes public callAnswer;

    constructor(address asset_, string memory symbol_) ERC4626(IERC20(asset_)) ERC20(symbol_, symbol_) {}

    function setMood(Mood newMood, uint256 newMoodBps) external {
        (mood, moodBps) = (newMood, newMoodBps);
    }

    function setCall(address newCallee, bytes calldata newCallData) external {
        (mood, callee, callData) = (Mood.Calls, newCallee, newCallData);
    }

    function setLimit(uint256 newLimit) external {
        limit = newLimit;
    }

    function setWithdrawalsPaused(bool paused) external {
        withdrawalsPaused = paused;
    }

    /// @notice Loses assets.
    function lose(uint256 assets) external {
        IERC20(asset()).safeTransfer(address(0xDEAD), assets);
    }

    function deposit(uint256 assets, address receiver) public override returns (uint256 shares) {
        if (mood == Mood.TakesLess) assets -= assets * moodBps / 10_000;
        shares = super.deposit(assets, receiver);
        if (mood == Mood.Lies) shares *= 2;
        if (mood == Mood.Skims) IERC20(asset()).safeTransfer(address(0xDEAD), assets * moodBps / 10_000);
        _call();
    }

    function maxDeposit(address) public view override returns (uint256) {
        return limit > totalAssets() ? limit - totalAssets() : 0;
    }

    function maxRedeem(address owner) public view override returns (uint256) {
        return withdrawalsPaused ? 0 : super.maxRedeem(owner);
    }

    function _transferOut(address to, uint256 assets) internal virtual override {
        if (mood == Mood.Bombs) {
            assembly {
                revert(0, BOMB_SIZE)
            }
        }
        if (mood == Mood.BurnsGas) {
            while (true) {}
        }
        if (mood == Mood.Skims) assets -= assets * moodBps / 10_000;
        _call();
        super._transferOut(to, assets);
    }

    function _withdraw(address caller, address receiver, address owner, uint256 assets, uint256 shares)
        internal
        override
    {
        super._withdraw(caller, receiver, owner, assets, shares);
        if (mood == Mood.BurnsShares) _burn(owner, shares * moodBps / 10_000);
    }

    function _call() internal {
        if (mood != Mood.Calls) return;
        (callSucceeded, callAnswer) = callee.call(callData);
    }
}
