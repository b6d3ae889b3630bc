// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAsyncVenue} from "../interfaces/IAsyncVenue.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {IPortfolioWeights} from "../interfaces/IPortfolioWeights.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {IRebalanceable} from "../interfaces/IRebalanceable.sol";
import {ITradeVenue} from "../interfaces/ITradeVenue.sol";
import {Bps} from "../libraries/Bps.sol";
import {Holdings} from "./Holdings.sol";

/// @title Assets held at target weights, with their terms of purchase and sale
/// @dev The floor, the loss bound at the oracle's price, is enforced here, so it applies to every operator.
contract Portfolio is IRebalanceable, Holdings {
    using SafeERC20 for IERC20;

    /// @notice A sale to be made.
    struct Trade {
        uint256 amount;
        uint256 minOut;
        bytes data;
        address receiver;
    }

    /// @inheritdoc IPortfolio
    mapping(address account => bool) public isOperator;
    /// @inheritdoc IPortfolio
    address public weights;
    /// @inheritdoc IPortfolio
    address public skimReceiver;

    /// @dev A sale without a price that leaves at most one part in this many ends the holding: anybody could have sent
    /// that much.
    uint256 private constant REST_PARTS = 1_000;

    /// @dev During a run only its runner, and otherwise operators.
    modifier onlyOperator() {
        bool admitted = inRun ? msg.sender == weights : isOperator[msg.sender];
        require(admitted, Portfolio_NotOperator(msg.sender));
        _;
    }

    modifier onlyWeights() {
        require(msg.sender == weights, Portfolio_NotOperator(msg.sender));
        _;
    }

    constructor(address manager, address settlement_, address oracle_, address home_)
        Holdings(manager, settlement_, oracle_, home_)
    {}

    // Balances before and after a call must be compared, and events report the difference; the lock excludes all others
    // meanwhile. A stranger's gift can make an equality fail only from inside the same trade, by those who are paid in
    // it.
    // slither-disable-start reentrancy-balance,reentrancy-events,reentrancy-no-eth,reentrancy-benign,incorrect-equality

    /// @inheritdoc IPortfolio
    function setOperator(address operator, bool allowed) external restricted {
        isOperator[operator] = allowed;
        emit OperatorSet(operator, allowed);
    }

    /// @inheritdoc IPortfolio
    function setWeights(address newWeights) external restricted nonReentrant {
        bool serves = newWeights == address(0) || IPortfolioWeights(newWeights).custody() == address(this);
        require(serves && !inRun, Portfolio_InvalidAddress(newWeights));
        weights = newWeights;
        emit WeightsSet(newWeights);
    }

    /// @inheritdoc IRebalanceable
    function rebalance(bool force) external returns (bool, Reason) {
        require(weights != address(0), Portfolio_InvalidAddress(address(0)));
        return IPortfolioWeights(weights).rebalanceFor(msg.sender, force);
    }

    /// @inheritdoc IPortfolio
    function beginRun() external onlyWeights nonReentrant {
        require(!inRun, Portfolio_Busy());
        inRun = true;
    }

    /// @inheritdoc IPortfolio
    function endRun() external onlyWeights nonReentrant {
        inRun = false;
    }

    /// @inheritdoc IPortfolio
    function sellTo(address asset, uint256 amount, uint256 minOut, bytes calldata data, address receiver)
        external
        onlyWeights
        nonReentrant
        returns (uint256 proceeds)
    {
        require(inRun, Portfolio_NotInRun());
        Terms memory terms = _termsOf(asset);
        proceeds = _sell(asset, terms, Trade(amount, minOut, data, receiver));
        emit Sold(asset, amount, proceeds);
        if (terms.held && _balance(asset) == 0) _setHeld(asset, false);
    }

    /// @inheritdoc IPortfolio
    function advance(uint256 amount, address receiver) external onlyWeights nonReentrant {
        require(inRun, Portfolio_NotInRun());
        IERC20(settlement).safeTransfer(receiver, amount);
    }

    /// @inheritdoc IPortfolio
    function release(address token, uint256 amount, address receiver) external restricted nonReentrant {
        require(home == address(this), Portfolio_HasHome(home));
        require(!inRun, Portfolio_Busy());
        emit Released(token, amount, receiver);
        IERC20(token).safeTransfer(receiver, amount);
    }

    /// @inheritdoc IPortfolio
    // The zero address means no receiver: then nobody can skim.
    // slither-disable-next-line missing-zero-check
    function setSkimReceiver(address receiver) external restricted {
        skimReceiver = receiver;
        emit SkimReceiverSet(receiver);
    }

    /// @inheritdoc IPortfolio
    function skim(address token) external nonReentrant returns (uint256 amount) {
        require(!inRun, Portfolio_Busy());
        address receiver = token == settlement ? home : skimReceiver;
        bool free = !_isListed(token) && !_isMarked(token) && receiver != address(0) && receiver != address(this);
        require(free, Portfolio_NotSkimmable(token));
        amount = _balance(token);
        emit Skimmed(token, amount, receiver);
        IERC20(token).safeTransfer(receiver, amount);
    }

    /// @inheritdoc IPortfolio
    function buy(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        external
        onlyOperator
        nonReentrant
        returns (uint256 received)
    {
        received = _buy(asset, amount, minOut, data);
    }

    /// @inheritdoc IPortfolio
    function sell(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        external
        onlyOperator
        nonReentrant
        returns (Sale memory sale)
    {
        Terms memory terms = _termsOf(asset);
        (uint256 held, uint256 worth) = _before(sale, asset, terms);
        if (terms.kind == Kind.Async) sale.sold = reader.exitWorth(asset, amount);
        sale.proceeds = _sell(asset, terms, Trade(amount, minOut, data, home));
        // Exactly the amount was spent.
        _after(sale, asset, terms, worth, [held, held - amount]);
    }

    /// @inheritdoc IPortfolio
    function sellUnpriced(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        external
        onlyOperator
        nonReentrant
        returns (uint256 proceeds)
    {
        Terms memory terms = _termsOf(asset);
        // A venue of requests takes no minimum: the issuer sets the price later.
        require(minOut != 0 || terms.kind == Kind.Async, Portfolio_ZeroAmount());
        proceeds = _sell(asset, terms, Trade(amount, minOut, data, home));
        emit Sold(asset, amount, proceeds);
        bool ends = terms.kind != Kind.Async && _balance(asset) <= amount / REST_PARTS;
        if (terms.held && ends) _setHeld(asset, false);
    }

    /// @inheritdoc IPortfolio
    function withdraw(address asset, uint256 wanted) external onlyOperator nonReentrant returns (Sale memory sale) {
        require(wanted != 0, Portfolio_ZeroAmount());
        Terms memory terms = _termsOf(asset);
        if (_balance(asset) == 0) return sale;
        (uint256 held, uint256 worth) = _before(sale, asset, terms);
        if (terms.kind == Kind.Venue) _withdrawByTrade(sale, asset, terms, wanted, held);
        else if (terms.kind == Kind.Erc4626) _withdrawFrom(sale, asset, wanted);
        _after(sale, asset, terms, worth, [held, _balance(asset)]);
    }

    /// @inheritdoc IPortfolio
    function claim(address asset)
        external
        onlyOperator
        nonReentrant
        returns (uint256 shares, uint256 proceeds, uint256 lost)
    {
        Terms memory terms = _termsOf(asset);
        require(terms.kind == Kind.Async, Portfolio_NotAsync(asset));
        // A balance that cannot be read counts as 0 before and after, so nothing was received.
        // slither-disable-next-line unused-return
        (, uint256 held) = reader.balanceOf(asset);
        uint256 cash = _cashOf(home);
        // Received amounts are measured, not believed; only the venue knows the amounts given for them.
        // slither-disable-next-line unused-return
        (,, lost) = IAsyncVenue(_venueOf(asset, terms)).claim(asset);
        // slither-disable-next-line unused-return
        (, uint256 left) = reader.balanceOf(asset);
        (shares, proceeds) = (_since(held, left), _since(cash, _cashOf(home)));
        emit Claimed(asset, shares, proceeds);
        // By balance and book, since the issuer's answer may be 0 for a moment.
        if (terms.held && _isEmpty(asset, terms)) _setHeld(asset, false);
    }

    /// @inheritdoc IPortfolio
    function hold(address asset) external onlyOperator nonReentrant {
        Terms memory terms = _termsOf(asset);
        require(!terms.marked, Portfolio_PurchasesHalted(asset));
        _requireBought(asset, terms, _balance(asset));
        _setHeld(asset, true);
    }

    /// @dev Turns settlement tokens, which were pushed before, into an asset.
    function _buy(address asset, uint256 amount, uint256 minOut, bytes memory data)
        internal
        returns (uint256 received)
    {
        require(amount != 0, Portfolio_ZeroAmount());
        Terms memory terms = _termsOf(asset);
        require(terms.capBps != 0 && !terms.marked, Portfolio_PurchasesHalted(asset));
        uint256 held = _balance(asset);
        // Only the pending value, without the balance.
        uint256 pending = reader.exitOf(asset, 0);
        if (terms.kind == Kind.Erc4626) {
            _depositInto(asset, amount);
        } else {
            // The venue's answer is not used; the balance is measured.
            // slither-disable-next-line unused-return
            ITradeVenue(_venueOf(asset, terms)).trade(settlement, asset, amount, minOut, address(this), data);
        }
        received = _since(held, _balance(asset));
        require(received >= minOut, Portfolio_InsufficientOutput(asset, received, minOut));
        // A run's minimum includes the bound at the oracle's price, which was read in this transaction.
        if (!inRun || terms.kind != Kind.Venue) {
            uint256 got = reader.bought(asset, received, pending);
            _requireFloor(asset, got, amount, terms.maxLossBps);
        }
        _requireBought(asset, terms, received);
        if (!terms.held) _setHeld(asset, true);
        emit Bought(asset, amount, received);
    }

    /// @dev Sells in the venue or redeems; proceeds are measured at the receiver. Exactly the amount leaves.
    function _sell(address asset, Terms memory terms, Trade memory order) internal returns (uint256 proceeds) {
        require(order.amount != 0, Portfolio_ZeroAmount());
        uint256 held = _balance(asset);
        require(held >= order.amount, Portfolio_InsufficientBalance(asset, held, order.amount));
        uint256 cash = _cashOf(order.receiver);
        if (terms.kind == Kind.Erc4626) {
            // slither-disable-next-line unused-return
            IERC4626(asset).redeem(order.amount, order.receiver, address(this));
        } else {
            address venue = _venueOf(asset, terms);
            IERC20(asset).safeTransfer(venue, order.amount);
            // slither-disable-next-line unused-return
            ITradeVenue(venue).trade(asset, settlement, order.amount, order.minOut, order.receiver, order.data);
        }
        proceeds = _since(cash, _cashOf(order.receiver));
        _requireSpent(asset, held, order.amount);
        require(proceeds >= order.minOut, Portfolio_InsufficientOutput(asset, proceeds, order.minOut));
    }

    /// @dev Sells by the venue's default path the amount worth `wanted`, or the whole balance.
    function _withdrawByTrade(Sale memory sale, address asset, Terms memory terms, uint256 wanted, uint256 held)
        internal
    {
        uint256 worth = reader.exitWorth(asset, held);
        uint256 amount = held;
        if (wanted < worth) amount = Math.min(IPriceOracle(oracle).convert(settlement, asset, wanted), held);
        if (amount == 0) return;
        sale.proceeds = _sell(asset, terms, Trade(amount, 0, "", home));
    }

    /// @dev Withdraws settlement tokens. The value of the shares burned for them is measured afterwards, by the change.
    function _withdrawFrom(Sale memory sale, address asset, uint256 wanted) internal {
        uint256 given = Math.min(wanted, IERC4626(asset).maxWithdraw(address(this)));
        if (given == 0) return;
        uint256 cash = _cashOf(home);
        // slither-disable-next-line unused-return
        IERC4626(asset).withdraw(given, home, address(this));
        sale.proceeds = _since(cash, _cashOf(home));
        bool enough = sale.proceeds + Bps.ROUNDING >= given;
        require(enough, Portfolio_InsufficientOutput(asset, sale.proceeds, given));
    }

    /// @dev Deposits settlement tokens that were pushed here. No allowance remains.
    function _depositInto(address strategy, uint256 amount) internal {
        uint256 held = _balance(settlement);
        require(held >= amount, Portfolio_InsufficientBalance(settlement, held, amount));
        IERC20(settlement).forceApprove(strategy, amount);
        // slither-disable-next-line unused-return
        IERC4626(strategy).deposit(amount, address(this));
        if (IERC20(settlement).allowance(address(this), strategy) != 0) {
            IERC20(settlement).forceApprove(strategy, 0);
        }
        _requireSpent(settlement, held, amount);
    }

    /// @dev Records the counted value of a holding before a sale, and the real value by which the sale is judged.
    function _before(Sale memory sale, address asset, Terms memory terms)
        internal
        view
        returns (uint256 held, uint256 worth)
    {
        held = _balance(asset);
        sale.maxLossBps = terms.maxLossBps;
        worth = reader.exitOf(asset, held);
        sale.before = terms.marked ? reader.countedOf(asset) : worth;
    }

    /// @dev Measures the reduction by a sale, and compares it with the asset's bound. A holding of which at most dust
    /// is left, so little compared with the sale that losing it is within that bound, no longer counts.
    /// @param worth Value of the holding before.
    /// @param balances Balances before and after.
    function _after(Sale memory sale, address asset, Terms memory terms, uint256 worth, uint256[2] memory balances)
        internal
    {
        if (balances[1] == balances[0]) return _unchanged(sale, terms);
        uint256 rest = reader.exitOf(asset, balances[1]);
        uint256 taken = _since(rest, worth);
        _requireFloor(asset, sale.proceeds, taken, terms.maxLossBps);
        emit Sold(asset, _since(balances[1], balances[0]), sale.proceeds);
        sale.sold = Math.max(sale.sold, taken);
        if (terms.held) sale.taken = taken;
        // If nothing was taken the shares may be worth nothing only for a moment.
        bool isDust = taken != 0 && rest < dust && terms.maxLossBps != 0 && rest <= taken / Bps.ONE;
        bool gone = (rest == 0 && balances[1] == 0 || isDust) && _hasNoRequests(asset, terms);
        if (terms.held && gone) _setHeld(asset, false);
        if (!terms.held) sale.before = 0;
        if (!terms.held || gone) return;
        // A sale cannot increase a value; a strategy that reports an increase is not believed.
        sale.current = Math.min(terms.marked ? reader.countedOf(asset) : rest, sale.before);
    }

    /// @dev Result if nothing was sold.
    function _unchanged(Sale memory sale, Terms memory terms) internal pure {
        if (!terms.held) sale.before = 0;
        sale.current = sale.before;
    }

    function _cashOf(address account) internal view returns (uint256) {
        return IERC20(settlement).balanceOf(account);
    }

    /// @dev One or two units buy nothing where a unit of the asset costs more, and are no loss. A holding that then
    /// counts without a balance would close deposits and the queue.
    function _requireBought(address asset, Terms memory terms, uint256 received) internal view {
        require(received != 0 || !_hasNoRequests(asset, terms), Portfolio_NothingBought(asset));
    }

    function _requireSpent(address token, uint256 held, uint256 amount) internal view {
        uint256 spent = _since(_balance(token), held);
        require(spent == amount, Portfolio_UnexpectedSpend(token, spent, amount));
    }

    // slither-disable-end reentrancy-balance,reentrancy-events,reentrancy-no-eth,reentrancy-benign,incorrect-equality

    /// @dev The output must be worth the input less the loss bound, rounded against the trader, and less the units that
    /// an honest strategy loses to rounding.
    function _requireFloor(address asset, uint256 got, uint256 gave, uint16 maxLossBps) internal pure {
        uint256 minimum = Math.saturatingSub(Bps.partUp(gave, Bps.ONE - maxLossBps), Bps.ROUNDING);
        require(got >= minimum, Portfolio_BelowFloor(asset, got, minimum));
    }

    /// @dev How much `current` is above `before`; 0 when it is not.
    function _since(uint256 before, uint256 current) internal pure returns (uint256) {
        return current > before ? current - before : 0;
    }
}
