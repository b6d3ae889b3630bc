// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAssetController} from "../interfaces/IAssetController.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {Bps} from "../libraries/Bps.sol";
import {LimitKeys} from "../libraries/LimitKeys.sol";
import {ReturnData} from "../libraries/ReturnData.sol";
import {TierBook} from "./TierBook.sol";

/// @title How value moves between the tiers
/// @dev Each move measures what it changed: cash at the vault, value at the portfolio. What is missing is loss. It is
/// bounded by the move's amount, and taken from a budget; what was moved goes into the book.
abstract contract TierMoves is TierBook {
    /// @dev Most gas that one source of a liquidation may use, so that a hostile one leaves some for the next.
    uint256 private constant SOURCE_GAS = 2_000_000;
    /// @dev Most bytes that are kept of a failing source's reason.
    uint256 private constant REASON_SIZE = 256;

    /// @notice A holding that is about to change.
    struct Touched {
        uint8 tier;
        IPortfolio holder;
        IPortfolio.Position position;
    }

    // Events tell what came out of the calls, so they are last; `_enter` keeps everybody else out until then. Sources
    // are asked one after the other, since each is asked for what the ones before have left open.
    // slither-disable-start reentrancy-events,reentrancy-no-eth,reentrancy-benign,calls-loop

    /// @inheritdoc IAssetController
    function drawFrom(uint8 tier, address asset, uint256 wanted)
        external
        returns (uint256 proceeds, uint256 before, uint256 current)
    {
        require(msg.sender == address(this), AssetController_NotSelf(msg.sender));
        IPortfolio.Sale memory sale = _portfolio(tier).withdraw(asset, wanted);
        require(sale.proceeds != 0 || sale.before == 0, AssetController_NothingToAllocate(tier));
        _chargeSale(LimitKeys.LOSS_REDUCE, sale);
        return (sale.proceeds, sale.before, sale.current);
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
            _supply(run, touched, amount);
        } else {
            _see(run, ILiquidityVault(vault).pay(touched.position.venue, amount));
            // The balance tells.
            // slither-disable-next-line unused-return
            touched.holder.buy(token, amount, minOut, data);
        }
        received = _settlePurchase(run, touched, amount);
        require(received >= minOut, AssetController_InsufficientOutput(token, received, minOut));
        emit AssetPurchased(msg.sender, token, touched.tier, amount, received);
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
        emit AssetRedeemed(msg.sender, token, tier, amount, received);
    }

    /// @dev Sells at the signed minimum what has no price now. The book gives up what came in, as nobody knows better.
    function _redeemUnpriced(Run memory run, address token, uint256 amount, uint256 minOut, bytes calldata data)
        internal
        returns (uint256 received)
    {
        uint8 tier = tierOf(token);
        received = _portfolio(tier).sellUnpriced(token, amount, minOut, data);
        _move(run, tier, received, 0);
        emit AssetRedeemed(msg.sender, token, tier, amount, received);
    }

    /// @dev From L1 into a tier's ERC-4626 holdings, the widest gap first, none beyond its target or its cap.
    function _spread(Run memory run, uint8 tier, uint256 amount) internal returns (uint256 moved) {
        // The position is set in the loop.
        // slither-disable-next-line uninitialized-local
        Touched memory touched;
        (touched.tier, touched.holder) = (tier, _portfolio(tier));
        (, uint256 total) = _totals(run);
        uint256 tierValue = amount + _booked(run, tier);
        while (moved < amount) {
            uint256 gap;
            (touched.position, gap) = touched.holder.widestGap(tierValue, total);
            if (gap == 0) break;
            uint256 part = Math.min(gap, amount - moved);
            _supply(run, touched, part);
            _settlePurchase(run, touched, part);
            moved += part;
        }
    }

    /// @dev Deposits from L1 into an ERC-4626 holding.
    function _supply(Run memory run, Touched memory touched, uint256 amount) internal {
        address asset = touched.position.asset;
        _see(run, ILiquidityVault(vault).supply(IERC4626(asset), amount, address(touched.holder)));
        if (!touched.position.held) touched.holder.hold(asset);
    }

    /// @dev From a tier's holdings to L1, in their order, until `wanted` has come in. A source that fails is passed
    /// over. Without `trades` only ERC-4626 holdings are asked.
    function _drain(Run memory run, uint8 tier, uint256 wanted, bool trades) internal returns (uint256 drawn) {
        IPortfolio holder = _portfolio(tier);
        address[] memory sources = holder.assets();
        for (uint256 i = 0; i < sources.length && drawn < wanted; ++i) {
            if (!trades && holder.holdingOf(sources[i]).kind != IPortfolio.Kind.Erc4626) continue;
            try this.drawFrom{gas: SOURCE_GAS}(tier, sources[i], wanted - drawn) returns (
                uint256 proceeds, uint256 before, uint256 current
            ) {
                drawn += proceeds;
                _move(run, tier, before, current);
            } catch {
                emit SourceSkipped(tier, sources[i], ReturnData.head(REASON_SIZE));
            }
        }
    }

    // slither-disable-end reentrancy-events,reentrancy-no-eth,reentrancy-benign,calls-loop

    /// @dev Measures what a purchase did, and holds it against every bound.
    function _settlePurchase(Run memory run, Touched memory touched, uint256 amount)
        internal
        returns (uint256 received)
    {
        IPortfolio.Position memory position = touched.position;
        // Each purchase of a spread is measured for itself.
        // slither-disable-next-line calls-loop
        (uint256 balance, uint256 current) = touched.holder.measure(position.asset);
        received = Math.saturatingSub(balance, position.balance);
        _chargeLoss(LimitKeys.LOSS_ADD, position.value + amount, current, amount, position.maxLossBps);
        _move(run, touched.tier, position.value, current);
        (, uint256 total) = _totals(run);
        if (current * Bps.ONE > total * position.capBps) {
            uint256 cap = Bps.partDown(total, position.capBps);
            revert AssetController_AboveAssetCap(position.asset, current, cap);
        }
        _requireBands(run, touched.tier);
    }

    function _chargeSale(bytes32 budget, IPortfolio.Sale memory sale) internal {
        uint256 taken = Math.saturatingSub(sale.before, sale.current);
        _chargeLoss(budget, sale.before, sale.proceeds + sale.current, taken, sale.maxLossBps);
    }

    /// @dev Value lost is bounded by a part of the action's amount: the smaller of the action's and the asset's bound.
    /// What is more than rounding is taken from the budget.
    function _chargeLoss(bytes32 budget, uint256 before, uint256 current, uint256 amount, uint256 assetBps) internal {
        uint256 lost = Math.saturatingSub(before, current);
        if (lost <= Bps.ROUNDING) return;
        uint256 allowed = Bps.partDown(amount, Math.min(_bound(Bound.MaxLoss), assetBps));
        require(lost <= allowed, AssetController_ExcessiveLoss(lost, allowed));
        _consume(budget, lost);
    }

    /// @dev What an issuer keeps shows when it settles; what it may keep must be left in the budget when it is asked.
    function _requireRoomForLoss(IPortfolio.Position memory position, uint256 amount) internal view {
        uint256 most = Bps.partUp(amount, Math.min(_bound(Bound.MaxLoss), position.maxLossBps));
        uint256 left = available(LimitKeys.LOSS_ADD);
        require(most <= left, RateLimits_Exceeded(LimitKeys.LOSS_ADD, most, left));
    }

    /// @dev What an issuer kept is lost already, and must not keep the rest outside: it is taken from the budget as far
    /// as that goes, so that nothing more is bought for a while.
    function _chargeWhatIsLeft(uint256 lost) internal {
        lost = Math.min(lost, available(LimitKeys.LOSS_ADD));
        if (lost > Bps.ROUNDING) _consume(LimitKeys.LOSS_ADD, lost);
    }

    /// @dev The holding of an asset, in L2 or L3.
    function _find(address token) internal view returns (Touched memory touched) {
        touched.tier = tierOf(token);
        touched.holder = _portfolio(touched.tier);
        touched.position = touched.holder.positionOf(token);
    }

    /// @inheritdoc IAssetController
    function tierOf(address token) public view returns (uint8) {
        if (_l2.holds(token)) return L2;
        require(_l3.holds(token), AssetController_UnknownAsset(token));
        return L3;
    }
}
