// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAssetController} from "../interfaces/IAssetController.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {Bps} from "../libraries/Bps.sol";
import {LimitKeys} from "../libraries/LimitKeys.sol";
import {TierBook} from "./TierBook.sol";
import {TierSources} from "./TierSources.sol";

/// @title Moves of value between the tiers
/// @dev Each move measures its changes: cash at the vault, value at the portfolio. The difference is a loss. It is
/// bounded by the move's amount, and charged to a budget; the moved value goes into the book.
abstract contract TierMoves is TierBook {
    /// @dev Most gas for a move from or into one holding, and for a call to it, so that a hostile one leaves gas for
    /// the next.
    uint256 private constant SOURCE_GAS = 2_000_000;
    /// @dev Most bytes of a failing source's reason that are kept.
    uint256 private constant REASON_SIZE = 256;

    /// @notice A holding that is about to change.
    struct Touched {
        uint8 tier;
        IPortfolio holder;
        IPortfolio.Position position;
    }

    address private immutable _sources = address(new TierSources());

    modifier onlySelf() {
        require(msg.sender == address(this), AssetController_NotSelf(msg.sender));
        _;
    }

    // Events report the results of the calls, so they are last; `_enter` excludes all others until then. Sources are
    // called one after the other, each for the amount that the earlier ones left open.
    // slither-disable-start reentrancy-events,reentrancy-no-eth,reentrancy-benign,calls-loop

    /// @inheritdoc IAssetController
    function drawFrom(uint8 tier, address asset, uint256 wanted, bytes32 budget)
        external
        onlySelf
        returns (uint256 proceeds, uint256 before, uint256 current)
    {
        IPortfolio.Sale memory sale = _portfolio(tier).withdraw(asset, wanted);
        require(sale.proceeds != 0 || sale.before == 0, AssetController_NothingToAllocate(tier));
        _chargeSale(budget, sale);
        return (sale.proceeds, sale.before, sale.current);
    }

    /// @inheritdoc IAssetController
    function supplyTo(uint8 tier, address asset, uint256 amount, uint256 total)
        external
        onlySelf
        returns (uint256 before, uint256 current)
    {
        Touched memory touched = _touch(tier, asset);
        _supply(touched, amount);
        (, current) = _measure(touched, amount);
        _requireCap(touched.position, current, total);
        return (touched.position.value, current);
    }

    /// @dev Buys from L1.
    function _purchase(Run memory run, address token, uint256 amount, uint256 minOut, bytes calldata data)
        internal
        returns (uint256 received)
    {
        require(amount != 0, AssetController_ZeroAmount());
        _freshen(run);
        Touched memory touched = _find(token);
        if (touched.position.kind == IPortfolio.Kind.Async) _requireRoomForLoss(touched.position, amount);
        if (touched.position.kind == IPortfolio.Kind.Erc4626) {
            _see(run, _supply(touched, amount));
        } else {
            _see(run, ILiquidityVault(vault).pay(touched.position.venue, amount));
            // The balance shows the result.
            // slither-disable-next-line unused-return
            touched.holder.buy(token, amount, minOut, data);
        }
        received = _settlePurchase(run, touched, amount);
        require(received >= minOut, AssetController_InsufficientOutput(token, received, minOut));
        emit AssetPurchased(run.keeper, token, touched.tier, amount, received);
    }

    /// @dev Sells to L1; its loss is charged to the budget of `lossKey`.
    function _redeem(
        Run memory run,
        address token,
        uint256 amount,
        uint256 minOut,
        bytes calldata data,
        bytes32 lossKey
    ) internal returns (uint256 received, uint256 sold) {
        uint8 tier = tierOf(token);
        IPortfolio.Sale memory sale = _portfolio(tier).sell(token, amount, minOut, data);
        _chargeSale(lossKey, sale);
        _move(run, tier, sale.before, sale.current);
        (received, sold) = (sale.proceeds, Math.max(sale.sold, sale.proceeds));
        emit AssetRedeemed(run.keeper, token, tier, amount, received);
    }

    /// @dev Sells an asset without a price at the signed minimum. The book is reduced by the proceeds, since no value
    /// is known.
    function _redeemUnpriced(Run memory run, address token, uint256 amount, uint256 minOut, bytes calldata data)
        internal
        returns (uint256 received)
    {
        uint8 tier = tierOf(token);
        received = _portfolio(tier).sellUnpriced(token, amount, minOut, data);
        _move(run, tier, received, 0);
        emit AssetRedeemed(run.keeper, token, tier, amount, received);
    }

    /// @dev Moves from L1 into a tier's ERC-4626 holdings.
    function _spread(Run memory run, uint8 tier, uint256 amount) internal returns (uint256) {
        (, uint256 total) = _totals(run);
        uint256 tierValue = amount + _booked(run, tier);
        TierSources.Moved memory moved = _bySources(
            run, tier, abi.encodeCall(TierSources.spread, (_portfolio(tier), tier, amount, tierValue, total))
        );
        run.idle = Math.saturatingSub(run.idle, moved.amount);
        if (moved.amount != 0) _requireBands(run, tier);
        return moved.amount;
    }

    /// @dev As `_drainFor`, with the caller's budget for reducing risk.
    function _drain(Run memory run, uint8 tier, uint256 wanted, bool trades) internal returns (uint256) {
        return _drainFor(run, tier, wanted, trades, LimitKeys.lossReduce(msg.sender));
    }

    /// @dev Moves from a tier's holdings to L1; without `trades` from ERC-4626 holdings only. Losses are charged to
    /// `budget`.
    function _drainFor(Run memory run, uint8 tier, uint256 wanted, bool trades, bytes32 budget)
        internal
        returns (uint256)
    {
        bytes memory data = abi.encodeCall(TierSources.drain, (_portfolio(tier), tier, wanted, trades, budget));
        return _bySources(run, tier, data).amount;
    }

    /// @dev Runs code that the constructor deployed, and books the amounts moved.
    function _bySources(Run memory run, uint8 tier, bytes memory data)
        internal
        returns (TierSources.Moved memory moved)
    {
        moved = abi.decode(Address.functionDelegateCall(_sources, data), (TierSources.Moved));
        _move(run, tier, moved.before, moved.current);
    }

    /// @dev Deposits from L1 into an ERC-4626 holding.
    function _supply(Touched memory touched, uint256 amount)
        internal
        returns (ILiquidityVault.AllocationState memory state)
    {
        address asset = touched.position.asset;
        state = ILiquidityVault(vault).supply(IERC4626(asset), amount, address(touched.holder));
        if (!touched.position.held) touched.holder.hold(asset);
    }

    // slither-disable-end reentrancy-events,reentrancy-no-eth,reentrancy-benign,calls-loop

    /// @dev Checks the result of a purchase against every bound.
    function _settlePurchase(Run memory run, Touched memory touched, uint256 amount)
        internal
        returns (uint256 received)
    {
        uint256 current;
        (received, current) = _measure(touched, amount);
        _move(run, touched.tier, touched.position.value, current);
        (, uint256 total) = _totals(run);
        _requireCap(touched.position, current, total);
        _requireBands(run, touched.tier);
    }

    /// @dev Measures the result of a purchase, and charges its loss. A gain that a holding reports beyond the payment,
    /// including a market that rounds up by a unit, counts with the next revaluation: bounds that were met exactly stay
    /// met.
    function _measure(Touched memory touched, uint256 amount) internal returns (uint256 received, uint256 current) {
        IPortfolio.Position memory position = touched.position;
        uint256 balance;
        // Each purchase of a spread is measured separately.
        // slither-disable-next-line calls-loop
        (balance, current) = touched.holder.measure(position.asset);
        received = Math.saturatingSub(balance, position.balance);
        _chargeLoss(LimitKeys.LOSS_ADD, position.value + amount, current, amount, position.maxLossBps);
        current = Math.min(current, position.value + amount);
    }

    /// @dev Charges by the greater of the book's loss and the value taken, since a marked holding counts little in the
    /// book.
    function _chargeSale(bytes32 budget, IPortfolio.Sale memory sale) internal {
        uint256 taken = Math.max(Math.saturatingSub(sale.before, sale.current), sale.taken);
        _chargeLoss(budget, taken, sale.proceeds, taken, sale.maxLossBps);
    }

    /// @dev Value lost is bounded by a part of the action's amount: the smaller of the action's and the asset's bound.
    /// A loss above rounding is charged to the budget.
    function _chargeLoss(bytes32 budget, uint256 before, uint256 current, uint256 amount, uint256 assetBps) internal {
        uint256 lost = Math.saturatingSub(before, current);
        if (lost <= Bps.ROUNDING) return;
        uint256 allowed = Bps.partDown(amount, Math.min(_bound(Bound.MaxLoss), assetBps));
        require(lost <= allowed, AssetController_ExcessiveLoss(lost, allowed));
        _consume(budget, lost);
    }

    /// @dev An amount kept by an issuer becomes visible at the settlement; so the budget must cover the possible amount
    /// at the request.
    function _requireRoomForLoss(IPortfolio.Position memory position, uint256 amount) internal view {
        uint256 most = Bps.partUp(amount, Math.min(_bound(Bound.MaxLoss), position.maxLossBps));
        uint256 left = available(LimitKeys.LOSS_ADD);
        require(most <= left, RateLimits_Exceeded(LimitKeys.LOSS_ADD, most, left));
    }

    /// @dev An amount kept by an issuer is already lost, and must not block the rest: it is charged to the budget up to
    /// its level, so that nothing more is bought for a while.
    function _chargeWhatIsLeft(uint256 lost) internal {
        lost = Math.min(lost, available(LimitKeys.LOSS_ADD));
        if (lost > Bps.ROUNDING) _consume(LimitKeys.LOSS_ADD, lost);
    }

    /// @dev Consumes the moved part of the requested amount; an excess that a market gives by rounding is free.
    function _consumeRounded(bytes32 key, uint256 asked, uint256 moved) internal {
        _consume(key, moved > asked && moved - asked <= Bps.ROUNDING ? asked : moved);
    }

    /// @dev The holding of an asset, in L2 or L3.
    function _find(address token) internal view returns (Touched memory) {
        return _touch(tierOf(token), token);
    }

    function _touch(uint8 tier, address token) internal view returns (Touched memory touched) {
        (touched.tier, touched.holder) = (tier, _portfolio(tier));
        touched.position = touched.holder.positionOf(token);
    }

    /// @inheritdoc IAssetController
    function tierOf(address token) public view returns (uint8) {
        if (_l2.holds(token)) return L2;
        require(_l3.holds(token), AssetController_UnknownAsset(token));
        return L3;
    }

    function _requireCap(IPortfolio.Position memory position, uint256 value, uint256 total) internal pure {
        if (value * Bps.ONE <= total * position.capBps) return;
        uint256 cap = Bps.partDown(total, position.capBps);
        revert AssetController_AboveAssetCap(position.asset, value, cap);
    }
}
