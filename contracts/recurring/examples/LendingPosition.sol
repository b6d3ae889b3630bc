// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILendingPosition} from "../../interfaces/ILendingPosition.sol";
import {IPriceOracle} from "../../interfaces/IPriceOracle.sol";
import {Bps} from "../../libraries/Bps.sol";

/// @title A loan against collateral whose health is kept between two bounds
/// @dev An example, without interest or liquidation. The lender's tokens are lent by its allowance.
contract LendingPosition is ILendingPosition, Ownable2Step, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    IERC20 private immutable _collateral;
    IERC20 private immutable _borrowed;
    IPriceOracle private immutable _oracle;
    address private immutable _lender;
    Bounds private _bounds;
    address private _source;
    address private _sink;
    mapping(address operator => bool allowed) private _operators;
    /// @inheritdoc ILendingPosition
    uint256 public debt;

    constructor(
        address owner_,
        address collateral,
        address borrowed,
        address oracle,
        address lender,
        Bounds memory bounds
    ) Ownable(owner_) {
        bool sound = bounds.minimum > Bps.ONE && bounds.target > bounds.minimum && bounds.maximum > bounds.target
            && bounds.factorBps <= Bps.ONE;
        require(sound, LendingPosition_InvalidBounds());
        require(collateral.code.length != 0, LendingPosition_InvalidAddress(collateral));
        require(borrowed.code.length != 0, LendingPosition_InvalidAddress(borrowed));
        require(oracle.code.length != 0, LendingPosition_InvalidAddress(oracle));
        require(lender != address(0), LendingPosition_InvalidAddress(lender));
        (_collateral, _borrowed, _oracle) = (IERC20(collateral), IERC20(borrowed), IPriceOracle(oracle));
        (_lender, _bounds) = (lender, bounds);
    }

    /// @inheritdoc ILendingPosition
    function addCollateral(uint256 amount) external nonReentrant {
        _collateral.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc ILendingPosition
    function borrow(uint256 amount, address to) external onlyOwner nonReentrant {
        debt += amount;
        uint256 present = health();
        require(present >= _bounds.target, LendingPosition_TooMuch(present));
        emit Borrowed(to, amount, present);
        // The lender gave the allowance for this.
        // slither-disable-next-line arbitrary-send-erc20
        _borrowed.safeTransferFrom(_lender, to, amount);
    }

    /// @inheritdoc ILendingPosition
    // Zero means none: then nothing is repaid, or nothing more borrowed.
    // slither-disable-next-line missing-zero-check
    function setAccounts(address source, address sink) external onlyOwner {
        (_source, _sink) = (source, sink);
        emit AccountsSet(source, sink);
    }

    /// @inheritdoc ILendingPosition
    function setOperator(address operator, bool allowed) external onlyOwner {
        _operators[operator] = allowed;
        emit OperatorSet(operator, allowed);
    }

    /// @inheritdoc ILendingPosition
    function rebalance(bool force) external override nonReentrant returns (bool skipped, Reason reason) {
        require(!force || _operators[msg.sender], LendingPosition_NotOperator(msg.sender));
        (bool priced, uint256 counted) = _tryCounted();
        uint256 present = _healthOf(counted);
        bool inside = present >= _bounds.minimum && present <= _bounds.maximum;
        bool moved = false;
        if (!priced) {
            reason = Reason.StalePrice;
        } else if (debt == 0 || (inside && !force)) {
            reason = Reason.InsideDrift;
        } else {
            (moved, reason) = (present < _bounds.target ? _topUp(counted) : _drawDown(counted), Reason.NothingToMove);
        }
        skipped = !moved;
        // Checks whether anything was moved, which depends on a price and its age.
        // slither-disable-next-line timestamp
        if (skipped) emit RebalanceSkipped(reason);
    }

    /// @inheritdoc ILendingPosition
    function health() public view returns (uint256) {
        uint256 value = _oracle.convert(address(_collateral), address(_borrowed), _collateral.balanceOf(address(this)));
        return _healthOf(Bps.partDown(value, _bounds.factorBps));
    }

    /// @dev Whatever the source gives, a loan that is still not covered is a failure, and reported as one.
    function _topUp(uint256 counted) private returns (bool) {
        uint256 lacking = Math.saturatingSub(debt, counted * Bps.ONE / _bounds.target);
        uint256 amount = Math.min(lacking, _spendable(_source));
        debt -= amount;
        uint256 present = _healthOf(counted);
        require(present >= Bps.ONE, LendingPosition_Unsafe(present));
        // An account that makes it zero by taking from the source makes the run skip, or fail above.
        // slither-disable-next-line incorrect-equality
        if (amount == 0) return false;
        emit ToppedUp(amount, present);
        // The source gave the allowance for this.
        // slither-disable-next-line arbitrary-send-erc20
        _borrowed.safeTransferFrom(_source, _lender, amount);
        return true;
    }

    function _drawDown(uint256 counted) private returns (bool) {
        uint256 room = Math.saturatingSub(counted * Bps.ONE / _bounds.target, debt);
        uint256 amount = Math.min(room, _spendable(_lender));
        // An account that makes it zero by taking from the lender makes the run skip.
        // slither-disable-next-line incorrect-equality
        if (amount == 0 || _sink == address(0)) return false;
        debt += amount;
        emit DrawnDown(amount, _healthOf(counted));
        // The lender gave the allowance for this.
        // slither-disable-next-line arbitrary-send-erc20
        _borrowed.safeTransferFrom(_lender, _sink, amount);
        return true;
    }

    /// @dev Counted part of the collateral's value; no answer while a price is bad.
    function _tryCounted() private view returns (bool good, uint256 counted) {
        uint256 amount = _collateral.balanceOf(address(this));
        (good, counted) = _oracle.tryConvert(address(_collateral), address(_borrowed), amount);
        counted = Bps.partDown(counted, _bounds.factorBps);
    }

    function _spendable(address account) private view returns (uint256) {
        if (account == address(0)) return 0;
        return Math.min(_borrowed.balanceOf(account), _borrowed.allowance(account, address(this)));
    }

    function _healthOf(uint256 counted) private view returns (uint256) {
        // Only the position itself changes its debt.
        // slither-disable-next-line incorrect-equality
        return debt == 0 ? type(uint256).max : counted * Bps.ONE / debt;
    }
}
