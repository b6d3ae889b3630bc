// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {AsyncVault} from "./AsyncVault.sol";

/// @title Asynchronous vault that cheats in one way at a time
contract HostileAsyncVault is AsyncVault {
    using SafeERC20 for IERC20;

    enum Mood {
        Honest,
        /// Takes half of the requested amount.
        TakesLess,
        /// Takes everything and books nine tenths.
        TakesAFee,
        /// Reports the whole amount of every request as pending and also as claimable.
        Exaggerates,
        /// Reports the whole amount of every request as claimable.
        ExaggeratesClaimable,
        /// Returns nine tenths of each claim.
        SkimsClaims,
        /// Makes a call during requests and claims.
        Calls
    }

    Mood public mood;
    address public callee;
    bytes public callData;
    bool public succeeded;
    bytes public answer;

    constructor(address asset_, bool hasEpochs_, uint8 decimals_) AsyncVault(asset_, hasEpochs_, decimals_) {}

    function setMood(Mood newMood) external {
        mood = newMood;
    }

    function setCall(address newCallee, bytes calldata newCallData) external {
        (mood, callee, callData) = (Mood.Calls, newCallee, newCallData);
    }

    function requestDeposit(uint256 assets, address controller, address owner)
        external
        override
        returns (uint256 requestId)
    {
        _call();
        requestId = _id();
        if (mood == Mood.TakesLess) assets /= 2;
        IERC20(asset).safeTransferFrom(owner, address(this), assets);
        _deposits[controller].pending[requestId] += mood == Mood.TakesAFee ? assets * 9 / 10 : assets;
    }

    function requestRedeem(uint256 shares, address controller, address owner)
        external
        override
        returns (uint256 requestId)
    {
        _call();
        requestId = _id();
        if (mood == Mood.TakesLess) shares /= 2;
        _transfer(owner, address(this), shares);
        _redemptions[controller].pending[requestId] += mood == Mood.TakesAFee ? shares * 9 / 10 : shares;
    }

    function pendingDepositRequest(uint256 id, address controller) public view override returns (uint256) {
        return _exaggerated(super.pendingDepositRequest(id, controller));
    }

    function claimableDepositRequest(uint256 id, address controller) public view override returns (uint256) {
        if (mood == Mood.ExaggeratesClaimable) return type(uint256).max;
        return _exaggerated(super.claimableDepositRequest(id, controller));
    }

    function pendingRedeemRequest(uint256 id, address controller) public view override returns (uint256) {
        return _exaggerated(super.pendingRedeemRequest(id, controller));
    }

    function claimableRedeemRequest(uint256 id, address controller) public view override returns (uint256) {
        if (mood == Mood.ExaggeratesClaimable) return type(uint256).max;
        return _exaggerated(super.claimableRedeemRequest(id, controller));
    }

    function maxMint(address controller) public view override returns (uint256) {
        return mood == Mood.Exaggerates ? 1e40 : super.maxMint(controller);
    }

    function maxWithdraw(address controller) public view override returns (uint256) {
        return _exaggerated(super.maxWithdraw(controller));
    }

    function deposit(uint256 assets, address receiver, address controller) public override returns (uint256 shares) {
        _call();
        shares = super.deposit(assets, receiver, controller);
        if (mood == Mood.SkimsClaims) _transfer(receiver, address(this), shares / 10);
    }

    function redeem(uint256 shares, address receiver, address controller) public override returns (uint256 assets) {
        _call();
        if (mood != Mood.SkimsClaims) return super.redeem(shares, receiver, controller);
        assets = super.redeem(shares, address(this), controller);
        IERC20(asset).safeTransfer(receiver, assets * 9 / 10);
    }

    function _exaggerated(uint256 amount) internal view returns (uint256) {
        return mood == Mood.Exaggerates ? type(uint256).max : amount;
    }

    function _call() internal {
        if (mood == Mood.Calls) (succeeded, answer) = callee.call(callData);
    }
}
