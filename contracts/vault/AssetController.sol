// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAssetController} from "../interfaces/IAssetController.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {Bps} from "../libraries/Bps.sol";
import {ReturnData} from "../libraries/ReturnData.sol";
import {Spread} from "../libraries/Spread.sol";

/// @title Moves the vault's assets between the tiers, inside fixed bounds
/// @dev Logic only: it holds nothing and approves nobody. Every action runs between `_enter` and `_leave`, and ends in
/// the checks of the last section, on balances and prices read after the fact.
contract AssetController is IAssetController, AccessManaged, Pausable {
    uint8 private constant L1 = 0;
    uint8 private constant L2 = 1;
    uint8 private constant L3 = 2;
    uint256 private constant TIERS = 3;

    /// @dev Most gas that one source of a liquidation may use, so that a hostile one leaves some for the next.
    uint256 private constant SOURCE_GAS = 2_000_000;
    /// @dev Most bytes that are kept of a failing source's reason.
    uint256 private constant REASON_SIZE = 256;
    uint16 private constant DEFAULT_MAX_LOSS_BPS = 100;

    /// @inheritdoc IAssetController
    address public immutable vault;
    /// @inheritdoc IAssetController
    address public immutable oracle;
    IPortfolio private immutable _l2;
    IPortfolio private immutable _l3;

    /// @inheritdoc IAssetController
    uint16 public maxLossBps;
    TierBand[TIERS] private _bands;
    /// @inheritdoc IAssetController
    mapping(address account => bool) public isKeeper;

    /// @inheritdoc IAssetController
    bool public transient locked;

    modifier action() {
        uint256 supply = _enter();
        _;
        _leave(supply);
    }

    // Vault, oracle and portfolios are called right here, which zero would not survive.
    // slither-disable-next-line missing-zero-check
    constructor(address manager, address vault_, address l2, address l3, address oracle_) AccessManaged(manager) {
        (vault, oracle, _l2, _l3) = (vault_, oracle_, IPortfolio(l2), IPortfolio(l3));
        require(l2 != l3, AssetController_InvalidPortfolio(l3));
        _requireServes(l2);
        _requireServes(l3);
        _bands[L1] = TierBand({minBps: 500, targetBps: 1_000, maxBps: 2_000});
        _bands[L2] = TierBand({minBps: 2_000, targetBps: 3_000, maxBps: 4_000});
        _bands[L3] = TierBand({minBps: 5_000, targetBps: 6_000, maxBps: 7_000});
        maxLossBps = DEFAULT_MAX_LOSS_BPS;
        emit TierBandsSet(_bands);
        emit MaxLossSet(DEFAULT_MAX_LOSS_BPS);
    }

    // Events tell what came out of the calls, so they are last; `action` keeps everybody else out until then.
    // slither-disable-start reentrancy-events

    /// @inheritdoc IAssetController
    function allocateToLayer(uint8 tier, uint256 amount) external action returns (uint256 moved) {
        require(amount != 0, AssetController_ZeroAmount());
        require(tier < TIERS, AssetController_UnknownTier(tier));
        if (tier == L1) {
            moved = _collect(amount);
        } else {
            moved = _spread(tier, amount);
            _requireBands(tier);
        }
        emit LayerAllocated(msg.sender, tier, amount, moved);
    }

    /// @inheritdoc IAssetController
    function purchaseAsset(address token, uint256 amount, uint256 minOut, bytes calldata data)
        external
        action
        returns (uint256 received)
    {
        require(amount != 0, AssetController_ZeroAmount());
        uint8 tier = tierOf(token);
        IPortfolio holder = _portfolio(tier);
        IPortfolio.Holding memory holding = holder.holdingOf(token);
        uint256 cash = _requireIdle(amount);
        uint256 worth = holder.valueOf(token);
        if (holding.kind == IPortfolio.Kind.Venue) {
            ILiquidityVault(vault).pay(holding.venue, amount);
            received = holder.buy(token, amount, minOut, data);
        } else {
            received = ILiquidityVault(vault).supply(IERC4626(token), amount, address(holder));
        }
        require(received >= minOut, AssetController_InsufficientOutput(token, received, minOut));
        _requireLoss(cash + worth, _idle() + holder.valueOf(token), amount, holding.maxLossBps);
        _requireBands(tier);
        emit AssetPurchased(msg.sender, token, tier, amount, received);
    }

    /// @inheritdoc IAssetController
    function redeemAsset(address token, uint256 amount, uint256 minOut, bytes calldata data)
        external
        action
        returns (uint256 received)
    {
        require(amount != 0, AssetController_ZeroAmount());
        uint8 tier = tierOf(token);
        IPortfolio holder = _portfolio(tier);
        uint256 cash = _idle();
        uint256 worth = holder.valueOf(token);
        received = holder.sell(token, amount, minOut, data);
        uint256 left = holder.valueOf(token);
        _requireLoss(cash + worth, _idle() + left, Math.saturatingSub(worth, left), Bps.MAX_LOSS);
        emit AssetRedeemed(msg.sender, token, tier, amount, received);
    }

    /// @inheritdoc IAssetController
    function rebalanceBuffer() external action returns (int256 moved) {
        uint256[TIERS] memory values = _values();
        uint256 total = values[L1] + values[L2] + values[L3];
        uint256 target = Bps.partUp(total, _bands[L1].targetBps);
        if (values[L1] < Bps.partUp(total, _bands[L1].minBps)) {
            uint256 spare = Math.saturatingSub(values[L2], Bps.partUp(total, _bands[L2].minBps));
            uint256 amount = Math.min(target - values[L1], spare);
            require(amount != 0, AssetController_NothingToAllocate(L1));
            moved = int256(_collect(amount));
        } else if (values[L1] > Bps.partDown(total, _bands[L1].maxBps)) {
            uint256 room = Math.saturatingSub(Bps.partDown(total, _bands[L2].maxBps), values[L2]);
            uint256 amount = Math.min(values[L1] - target, room);
            require(amount != 0, AssetController_NothingToAllocate(L2));
            moved = -int256(_spread(L2, amount));
            _requireBands(L2);
        } else {
            return 0;
        }
        emit BufferRebalanced(msg.sender, moved);
    }

    /// @inheritdoc IAssetController
    function executeWaterfallLiquidation(uint256 amountNeeded, uint8 maxTier)
        external
        action
        returns (uint256 available)
    {
        require(amountNeeded != 0, AssetController_ZeroAmount());
        require(maxTier < TIERS, AssetController_UnknownTier(maxTier));
        available = _idle();
        for (uint8 tier = L2; tier <= maxTier && available < amountNeeded; ++tier) {
            // slither-disable-next-line calls-loop
            IPortfolio.Holding[] memory sources = _portfolio(tier).holdings();
            for (uint256 i = 0; i < sources.length && available < amountNeeded; ++i) {
                // Each source must be asked in its turn, and with what the ones before it have left open.
                // slither-disable-next-line calls-loop,unused-return
                try this.drawFrom{gas: SOURCE_GAS}(tier, sources[i].asset, amountNeeded - available) {
                    available = _idle();
                } catch {
                    emit SourceSkipped(tier, sources[i].asset, ReturnData.head(REASON_SIZE));
                }
            }
        }
        emit WaterfallExecuted(msg.sender, amountNeeded, available, maxTier);
    }

    // slither-disable-end reentrancy-events

    /// @inheritdoc IAssetController
    function drawFrom(uint8 tier, address asset, uint256 assets) external returns (uint256 proceeds) {
        require(msg.sender == address(this), AssetController_NotSelf(msg.sender));
        IPortfolio holder = _portfolio(tier);
        // Nothing is nothing; a unit sent there by a stranger is simply drawn.
        // slither-disable-next-line incorrect-equality
        if (IERC20(asset).balanceOf(address(holder)) == 0) return 0;
        proceeds = _draw(holder, asset, assets);
        require(proceeds != 0, AssetController_NothingToAllocate(tier));
    }

    /// @inheritdoc IAssetController
    function setKeeper(address keeper, bool allowed) external restricted {
        _setKeeper(keeper, allowed);
    }

    /// @inheritdoc IAssetController
    function removeKeeper(address keeper) external restricted {
        _setKeeper(keeper, false);
    }

    /// @inheritdoc IAssetController
    function setTierBands(TierBand[3] calldata bands) external restricted {
        uint256 targets = 0;
        for (uint256 tier = 0; tier < TIERS; ++tier) {
            TierBand calldata band = bands[tier];
            bool ordered = band.minBps <= band.targetBps && band.targetBps <= band.maxBps && band.maxBps <= Bps.ONE;
            require(ordered, AssetController_InvalidBands());
            targets += band.targetBps;
            _bands[tier] = band;
        }
        require(targets == Bps.ONE, AssetController_InvalidBands());
        emit TierBandsSet(bands);
    }

    /// @inheritdoc IAssetController
    function setMaxLossBps(uint16 newMaxLossBps) external restricted {
        require(newMaxLossBps <= Bps.MAX_LOSS, AssetController_InvalidMaxLoss(newMaxLossBps, Bps.MAX_LOSS));
        maxLossBps = newMaxLossBps;
        emit MaxLossSet(newMaxLossBps);
    }

    /// @inheritdoc IAssetController
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc IAssetController
    function unpause() external restricted {
        _unpause();
    }

    /// @inheritdoc IAssetController
    function portfolio(uint8 tier) external view returns (address) {
        return tier == L1 ? address(0) : address(_portfolio(tier));
    }

    /// @inheritdoc IAssetController
    function tierBands() external view returns (TierBand[3] memory) {
        return _bands;
    }

    /// @inheritdoc IAssetController
    function tierValues() external view returns (uint256[3] memory) {
        require(!locked, AssetController_Locked());
        return _values();
    }

    /// @inheritdoc IAssetController
    function deployedValue() external view returns (uint256) {
        require(!locked, AssetController_Locked());
        return _l2.value() + _l3.value();
    }

    /// @inheritdoc IAssetController
    function valuation() external view returns (uint256 value, bool fresh) {
        require(!locked, AssetController_Locked());
        fresh = true;
        for (uint8 tier = L2; tier <= L3; ++tier) {
            // slither-disable-next-line calls-loop
            try _portfolio(tier).value() returns (uint256 worth) {
                value += worth;
            } catch {
                fresh = false;
            }
        }
    }

    /// @inheritdoc IAssetController
    function paused() public view override(IAssetController, Pausable) returns (bool) {
        return super.paused();
    }

    /// @inheritdoc IAssetController
    function tierOf(address token) public view returns (uint8) {
        if (_l2.holds(token)) return L2;
        require(_l3.holds(token), AssetController_UnknownAsset(token));
        return L3;
    }

    /// @dev From L1 into a tier's ERC-4626 holdings, the widest gap first.
    function _spread(uint8 tier, uint256 amount) internal returns (uint256 moved) {
        _requireIdle(amount);
        IPortfolio holder = _portfolio(tier);
        IPortfolio.Position[] memory positions = holder.positions();
        uint256 tierValue = Spread.total(positions) + amount;
        while (moved < amount) {
            (uint256 index, uint256 gap) = Spread.widestGap(positions, tierValue);
            if (gap == 0) break;
            IPortfolio.Position memory position = positions[index];
            // Which holding comes next depends on the room of the one before.
            // slither-disable-next-line calls-loop
            uint256 room = IERC4626(position.asset).maxDeposit(address(holder));
            uint256 part = Math.min(Math.min(gap, room), amount - moved);
            if (part != 0) _supply(holder, position, part);
            moved += part;
            Spread.close(position);
        }
        require(moved != 0, AssetController_NothingToAllocate(tier));
    }

    /// @dev From L2's ERC-4626 holdings to L1: what is above target first, then what there is.
    function _collect(uint256 amount) internal returns (uint256 moved) {
        IPortfolio.Position[] memory positions = _l2.positions();
        uint256 tierValue = Math.saturatingSub(Spread.total(positions), amount);
        while (moved < amount) {
            (uint256 index, uint256 excess) = Spread.widestExcess(positions, tierValue);
            if (excess == 0) break;
            moved += _draw(_l2, positions[index].asset, Math.min(excess, amount - moved));
            Spread.close(positions[index]);
        }
        if (moved < amount) moved += _collectRest(amount - moved);
        require(moved != 0, AssetController_NothingToAllocate(L1));
    }

    /// @dev Liquidity goes before weights: what is still missing comes from any ERC-4626 holding of L2.
    function _collectRest(uint256 amount) internal returns (uint256 moved) {
        IPortfolio.Holding[] memory sources = _l2.holdings();
        for (uint256 i = 0; i < sources.length && moved < amount; ++i) {
            if (sources[i].kind == IPortfolio.Kind.Venue) continue;
            moved += _draw(_l2, sources[i].asset, amount - moved);
        }
    }

    /// @dev Deposits from L1 into one strategy, and compares the value before and after.
    function _supply(IPortfolio holder, IPortfolio.Position memory position, uint256 assets) internal {
        address asset = position.asset;
        // The shares are judged by the value of the position, not by their number.
        // slither-disable-next-line unused-return,calls-loop
        ILiquidityVault(vault).supply(IERC4626(asset), assets, address(holder));
        // slither-disable-next-line calls-loop
        uint256 worth = holder.valueOf(asset);
        _requireLoss(assets + position.value, worth, assets, position.maxLossBps);
    }

    /// @dev Takes settlement tokens from one source, and compares the value before and after.
    function _draw(IPortfolio holder, address asset, uint256 assets) internal returns (uint256 proceeds) {
        uint256 cash = _idle();
        // slither-disable-start calls-loop
        uint256 worth = holder.valueOf(asset);
        proceeds = holder.withdraw(asset, assets);
        uint256 left = holder.valueOf(asset);
        // slither-disable-end calls-loop
        _requireLoss(cash + worth, _idle() + left, Math.saturatingSub(worth, left), Bps.MAX_LOSS);
    }

    function _enter() internal returns (uint256 supply) {
        require(isKeeper[msg.sender], AssetController_NotKeeper(msg.sender));
        _requireNotPaused();
        require(!locked, AssetController_Locked());
        locked = true;
        return ILiquidityVault(vault).totalSupply();
    }

    function _leave(uint256 supply) internal {
        uint256 current = ILiquidityVault(vault).totalSupply();
        require(current == supply, AssetController_SupplyChanged(supply, current));
        locked = false;
    }

    function _setKeeper(address keeper, bool allowed) internal {
        isKeeper[keeper] = allowed;
        emit KeeperSet(keeper, allowed);
    }

    function _idle() internal view returns (uint256) {
        // slither-disable-next-line calls-loop
        return ILiquidityVault(vault).idle();
    }

    function _values() internal view returns (uint256[TIERS] memory) {
        return [_idle(), _l2.value(), _l3.value()];
    }

    function _portfolio(uint8 tier) internal view returns (IPortfolio) {
        require(tier == L2 || tier == L3, AssetController_UnknownTier(tier));
        return tier == L2 ? _l2 : _l3;
    }

    function _requireServes(address holder) internal view {
        IPortfolio candidate = IPortfolio(holder);
        bool serves = candidate.home() == vault && candidate.oracle() == oracle
            && candidate.settlement() == ILiquidityVault(vault).asset();
        require(serves, AssetController_InvalidPortfolio(holder));
    }

    function _requireIdle(uint256 needed) internal view returns (uint256 cash) {
        cash = _idle();
        require(cash >= needed, AssetController_InsufficientIdle(cash, needed));
    }

    /// @dev Value lost is bounded by a part of the action's amount: the smaller of the action's and the asset's bound.
    function _requireLoss(uint256 before, uint256 current, uint256 amount, uint256 assetBps) internal view {
        uint256 lost = Math.saturatingSub(before, current);
        uint256 allowed = Bps.partUp(amount, Math.min(maxLossBps, assetBps));
        require(lost <= allowed, AssetController_ExcessiveLoss(lost, allowed));
    }

    /// @dev What left L1 must leave it above its minimum, and not lift the tier above its maximum. Deposits of this
    /// very transaction do not count: they may be gone at its end.
    function _requireBands(uint8 tier) internal view {
        uint256[TIERS] memory values = _values();
        values[L1] = Math.saturatingSub(values[L1], ILiquidityVault(vault).freshDeposits());
        uint256 total = values[L1] + values[L2] + values[L3];
        uint256 minimum = Bps.partUp(total, _bands[L1].minBps);
        require(values[L1] >= minimum, AssetController_BelowMinimumIdle(values[L1], minimum));
        uint256 maximum = Bps.partDown(total, _bands[tier].maxBps);
        require(values[tier] <= maximum, AssetController_AboveTierMaximum(tier, values[tier], maximum));
    }
}
