// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAssetController} from "../interfaces/IAssetController.sol";
import {IKillSwitch} from "../interfaces/IKillSwitch.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {Bps} from "../libraries/Bps.sol";
import {RateLimits} from "../security/RateLimits.sol";
import {TierBounds} from "./TierBounds.sol";

/// @title Values of the tiers, and the bounds of their changes
/// @dev Values are stored in a book, of one slot: revalued as a whole when it is old, and moved by the measured change
/// of each action. So an action reads only the prices of the assets that it touches.
abstract contract TierBook is IAssetController, RateLimits {
    using SafeCast for uint256;

    uint8 internal constant L1 = 0;
    uint8 internal constant L2 = 1;
    uint8 internal constant L3 = 2;
    uint256 internal constant TIERS = 3;
    uint256 private constant BOUNDS = 14;
    /// @dev Most gas for the value of a portfolio where its failure is no reason to stop, so that a holding which burns
    /// all its gas leaves enough for the others.
    uint256 private constant VALUE_GAS = 8_000_000;

    /// @inheritdoc IAssetController
    address public immutable vault;
    /// @inheritdoc IAssetController
    address public immutable oracle;
    /// @inheritdoc IAssetController
    address public immutable killSwitch;
    IPortfolio internal immutable _l2;
    IPortfolio internal immutable _l3;
    TierBounds private immutable _rules;

    Book internal _book;
    uint16[BOUNDS] private _bounds;

    /// @inheritdoc IAssetController
    bool public transient locked;

    // Vault, oracle and portfolios are called in this constructor, so zero would revert.
    // slither-disable-next-line missing-zero-check
    constructor(address vault_, address l2, address l3, address oracle_, address killSwitch_) {
        require(killSwitch_.code.length != 0, AssetController_InvalidKillSwitch(killSwitch_));
        (vault, oracle, killSwitch, _l2, _l3) = (vault_, oracle_, killSwitch_, IPortfolio(l2), IPortfolio(l3));
        _rules = new TierBounds();
        require(l2 != l3, AssetController_InvalidPortfolio(l3));
        _requireServes(l2);
        _requireServes(l3);
        _setBounds(
            [500, 1_000, 2_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 100, 8_000, 100, 30 minutes, 4 hours], false
        );
    }

    /// @inheritdoc IAssetController
    function sync() external returns (uint256[3] memory values) {
        _requireUnlocked();
        Book memory book = _book;
        _revalue(book);
        _book = book;
        return [_idle(), book.value2, book.value3];
    }

    /// @inheritdoc IAssetController
    function setBounds(uint16[14] calldata newBounds) external restricted {
        _setBounds(newBounds, false);
    }

    /// @inheritdoc IAssetController
    function tightenBounds(uint16[14] calldata newBounds) external restricted {
        _setBounds(newBounds, true);
    }

    /// @inheritdoc IAssetController
    function pause() external restricted {
        Book storage book = _book;
        require(!book.paused, AssetController_Paused());
        (book.paused, book.epoch) = (true, book.epoch + 1);
        emit Paused(msg.sender, book.epoch);
    }

    /// @inheritdoc IAssetController
    function unpause() external restricted {
        require(_book.paused, AssetController_NotPaused());
        _book.paused = false;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IAssetController
    function portfolio(uint8 tier) external view returns (address) {
        return tier == L1 ? address(0) : address(_portfolio(tier));
    }

    /// @inheritdoc IAssetController
    function paused() external view returns (bool stopped) {
        (stopped,,) = _stateOf(msg.sender);
    }

    /// @inheritdoc IAssetController
    function epoch() external view returns (uint32 current) {
        (,, current) = _stateOf(msg.sender);
    }

    /// @inheritdoc IAssetController
    function bounds() external view returns (uint16[14] memory) {
        return _bounds;
    }

    /// @inheritdoc IAssetController
    function bookValues() external view returns (uint256[3] memory values, uint256 revaluedAt) {
        _requireUnlocked();
        Book memory book = _book;
        return ([_idle(), book.value2, book.value3], book.revaluedAt);
    }

    /// @inheritdoc IAssetController
    function tierValues() external view returns (uint256[3] memory) {
        _requireUnlocked();
        (uint256 value2, uint256 value3) = _values();
        return [_idle(), value2, value3];
    }

    /// @inheritdoc IAssetController
    function deployedValue() external view returns (uint256) {
        _requireUnlocked();
        (uint256 value2, uint256 value3) = _values();
        return value2 + value3;
    }

    /// @inheritdoc IAssetController
    function entryValue() external view returns (uint256) {
        _requireUnlocked();
        return _l2.entryValue() + _l3.entryValue();
    }

    /// @inheritdoc IAssetController
    function redemptionValue() external view returns (uint256) {
        _requireUnlocked();
        return _l2.redemptionValue() + _l3.redemptionValue();
    }

    /// @inheritdoc IAssetController
    function valuation() external view returns (uint256 value, bool fresh) {
        _requireUnlocked();
        Book memory book = _book;
        (uint256 value2, bool fresh2) = _valueOr(_l2, book.value2);
        (uint256 value3, bool fresh3) = _valueOr(_l3, book.value3);
        return (value2 + value3, fresh2 && fresh3);
    }

    function _setBounds(uint16[14] memory newBounds, bool mustTighten) internal {
        _rules.check(newBounds, _bounds, mustTighten);
        _bounds = newBounds;
        emit BoundsSet(newBounds);
    }

    /// @dev Both portfolios at fresh prices; reverts as they do.
    function _revalue(Book memory book) internal {
        (uint256 value2, uint256 value3) = _values();
        _write(book, value2, value3);
    }

    /// @dev Revalues an old book.
    function _freshen(Run memory run) internal {
        if (_isOld(run.book)) _tryRevalue(run.book);
    }

    /// @dev As `_revalue`, but a tier with a bad price keeps its value of the book, moved by each action since: one
    /// holding without a price must not stop the trades of the others. The book stays old then, so that the next action
    /// tries again. A caller cannot cause this by sending little gas: no action can continue with the part in 64 that a
    /// failed call leaves.
    function _tryRevalue(Book memory book) internal {
        (uint256 value2, bool fresh2) = _valueOr(_l2, book.value2);
        (uint256 value3, bool fresh3) = _valueOr(_l3, book.value3);
        if (!fresh2 && !fresh3) return;
        uint32 revaluedAt = book.revaluedAt;
        _write(book, value2, value3);
        if (!fresh2 || !fresh3) book.revaluedAt = revaluedAt;
    }

    function _write(Book memory book, uint256 value2, uint256 value3) internal {
        (book.value2, book.value3, book.revaluedAt) = (value2.toUint96(), value3.toUint96(), uint32(block.timestamp));
        emit BookRevalued(value2, value3);
    }

    /// @dev Moves the book by the change of a holding. A strategy that exaggerates must not prevent sales of the
    /// others, so nothing overflows here.
    function _move(Run memory run, uint8 tier, uint256 before, uint256 current) internal pure {
        uint256 moved = Math.saturatingSub(Math.saturatingAdd(_booked(run, tier), current), before);
        uint96 value = uint96(Math.min(moved, type(uint96).max));
        if (tier == L2) run.book.value2 = value;
        else run.book.value3 = value;
    }

    /// @dev Begins an action that anybody may start.
    function _enter() internal returns (Run memory run) {
        _requireUnlocked();
        locked = true;
        run.book = _book;
    }

    /// @dev Begins an action of a keeper, who may have been removed.
    function _enterAsKeeper() internal returns (Run memory run) {
        bool removed;
        run = _enter();
        (run.halted, removed, run.epoch) = _stateOf(msg.sender);
        require(!removed, AssetController_KeeperRemoved(msg.sender));
        run.keeper = msg.sender;
    }

    /// @dev Pause and epoch, of this contract and of the kill switch, and whether the latter has removed an account.
    function _stateOf(address account) internal view returns (bool halted, bool removed, uint32 current) {
        (halted, removed, current) = IKillSwitch(killSwitch).stateOf(account);
        return (halted || _book.paused, removed, current + _book.epoch);
    }

    /// @dev Writes values only: a pause made during the action stands.
    function _leave(Run memory run) internal {
        Book storage book = _book;
        (book.value2, book.value3, book.revaluedAt) = (run.book.value2, run.book.value3, run.book.revaluedAt);
        locked = false;
    }

    /// @dev Reads the vault's present state.
    function _see(Run memory run, ILiquidityVault.AllocationState memory state) internal pure {
        (run.idle, run.flash, run.due, run.supply) = (state.idle, state.freshDeposits, state.dueShares, state.supply);
    }

    function _look(Run memory run) internal view {
        _see(run, ILiquidityVault(vault).allocationState());
    }

    function _bound(Bound which) internal view returns (uint256) {
        return _bounds[uint256(which)];
    }

    function _isOld(Book memory book) internal view returns (bool) {
        // Ages are of minutes; a validator's freedom of some seconds does not matter.
        // slither-disable-next-line timestamp
        return block.timestamp - book.revaluedAt > _bound(Bound.MaxBookAge);
    }

    function _idle() internal view returns (uint256) {
        return ILiquidityVault(vault).idle();
    }

    function _values() internal view returns (uint256, uint256) {
        return (_l2.value(), _l3.value());
    }

    function _portfolio(uint8 tier) internal view returns (IPortfolio) {
        require(tier == L2 || tier == L3, AssetController_UnknownTier(tier));
        return tier == L2 ? _l2 : _l3;
    }

    function _valueOr(IPortfolio holder, uint256 booked) internal view returns (uint256, bool) {
        try holder.value{gas: VALUE_GAS}() returns (uint256 value) {
            return (value, true);
        } catch {
            return (booked, false);
        }
    }

    /// @dev Value of L2 or L3 by the book.
    function _booked(Run memory run, uint8 tier) internal pure returns (uint256) {
        return tier == L2 ? run.book.value2 : run.book.value3;
    }

    /// @dev Cash without deposits of this transaction, and all assets including it.
    function _totals(Run memory run) internal pure returns (uint256 cash, uint256 total) {
        cash = Math.saturatingSub(run.idle, run.flash);
        total = cash + run.book.value2 + run.book.value3;
    }

    /// @dev An amount that left L1 must leave it above its minimum, not lift the tier above its maximum, and leave due
    /// redemptions covered by L1 and L2.
    function _requireBands(Run memory run, uint8 tier) internal view {
        (uint256 cash, uint256 total) = _totals(run);
        // Compared without dividing. `require` would compute the arguments of the errors even if there are none.
        uint256 minBps = _bound(Bound.MinL1);
        if (cash * Bps.ONE < total * minBps) {
            revert AssetController_BelowMinimumIdle(cash, Bps.partUp(total, minBps));
        }
        uint256 value = _booked(run, tier);
        uint256 maxBps = _bound(tier == L2 ? Bound.MaxL2 : Bound.MaxL3);
        if (value * Bps.ONE > total * maxBps) {
            revert AssetController_AboveTierMaximum(tier, value, Bps.partDown(total, maxBps));
        }
        (uint256 due, uint256 covered) = _coverage(run);
        require(due <= covered, AssetController_RedemptionsUncovered(due, covered));
    }

    /// @dev Value of due redemptions, and the part of L1 and L2 that may cover them.
    function _coverage(Run memory run) internal view returns (uint256 due, uint256 covered) {
        if (run.due == 0) return (0, 0);
        (uint256 cash, uint256 total) = _totals(run);
        // The supply includes the shares of this transaction's deposits, so the total must include the deposits.
        total += run.idle - cash;
        due = Math.mulDiv(run.due, total, run.supply, Math.Rounding.Ceil);
        covered = Bps.partDown(cash + run.book.value2, _bound(Bound.MaxDue));
    }

    function _requireUnlocked() internal view {
        require(!locked, AssetController_Locked());
    }

    function _requireServes(address holder) private view {
        IPortfolio candidate = IPortfolio(holder);
        bool serves = candidate.home() == vault && candidate.oracle() == oracle
            && candidate.settlement() == ILiquidityVault(vault).asset();
        require(serves, AssetController_InvalidPortfolio(holder));
    }
}
