// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPortfolioWeights} from "../interfaces/IPortfolioWeights.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {IRebalanceable} from "../interfaces/IRebalanceable.sol";
import {IWeightRebalancer} from "../interfaces/IWeightRebalancer.sol";
import {Bps} from "../libraries/Bps.sol";
import {WeightMath} from "../libraries/WeightMath.sol";

/// @title Rebalances a portfolio to its target weights
/// @dev The inheriting contract has custody and implements the functions listed at the end. The executor is not
/// trusted: it chooses amounts, within measurements that this contract makes before the run and repeats afterwards.
abstract contract PortfolioWeights is IPortfolioWeights, AccessManaged, ReentrancyGuardTransient {
    using TransientSlot for *;

    /// @dev State of each constituent during a run, in transient storage: its price, then a word with asset, loss bound
    /// and whether it can no longer be traded, then the most to be sold and the most to be paid. Four words each, from
    /// here on: keccak256("ballast.PortfolioWeights.session"), its last byte cleared.
    uint256 private constant SESSION = 0x104903f074ddb6aba6b1b0922b0163fc0cc252aad213a3ba63c7d8ff12ecf600;
    uint256 private constant WORDS = 4;
    uint256 private constant MOST_SOLD = 2;
    uint256 private constant MOST_PAID = 3;
    uint256 private constant LOSS_SHIFT = 160;
    uint256 private constant DONE = 1 << 255;
    /// @dev A call that failed for lack of gas leaves at most a 64th for each level of calls below it.
    uint256 private constant GAS_PART = 8;
    /// @dev Selector and one word.
    uint256 private constant REFUSAL_SIZE = 36;

    /// @dev Bound until the configurator sets another.
    uint16 private constant FIRST_MAX_LOSS = 200;

    /// @inheritdoc IPortfolioWeights
    address public rebalancer;
    /// @inheritdoc IPortfolioWeights
    uint16 public maxLossBps = FIRST_MAX_LOSS;
    /// @dev Number of constituents of the current run; 0 outside runs.
    uint256 private transient _open;
    uint256 private transient _cashPrice;

    modifier onlyInSession() {
        require(_open != 0 && msg.sender == rebalancer, PortfolioWeights_NotInSession(msg.sender));
        _;
    }

    // Balances before and after calls must be compared, and events report the difference; the lock excludes all others
    // meanwhile, and functions for callbacks check that the executor calls during its turn.
    // slither-disable-start reentrancy-balance,reentrancy-events,reentrancy-benign,calls-loop,incorrect-equality

    /// @inheritdoc IPortfolioWeights
    function setRebalancer(address newRebalancer) external restricted nonReentrant {
        bool serves = newRebalancer == address(0) || IWeightRebalancer(newRebalancer).portfolio() == address(this);
        require(serves, PortfolioWeights_InvalidRebalancer(newRebalancer));
        rebalancer = newRebalancer;
        emit RebalancerSet(newRebalancer);
    }

    /// @inheritdoc IPortfolioWeights
    function setMaxLoss(uint16 newMaxLossBps) external restricted nonReentrant {
        _setMaxLoss(newMaxLossBps);
    }

    /// @inheritdoc IPortfolioWeights
    function lowerMaxLoss(uint16 newMaxLossBps) external restricted nonReentrant {
        require(newMaxLossBps < maxLossBps, PortfolioWeights_InvalidMaxLoss(newMaxLossBps));
        _setMaxLoss(newMaxLossBps);
    }

    /// @inheritdoc IRebalanceable
    function rebalance(bool force) external nonReentrant returns (bool, Reason) {
        return _rebalance(msg.sender, force);
    }

    /// @inheritdoc IPortfolioWeights
    function rebalanceFor(address caller, bool force) external nonReentrant returns (bool, Reason) {
        require(msg.sender == custody(), PortfolioWeights_NotInSession(msg.sender));
        return _rebalance(caller, force);
    }

    /// @inheritdoc IPortfolioWeights
    function reweigh(Swap[] calldata swaps) external nonReentrant {
        _run(msg.sender, Mode.Keeper, swaps);
    }

    function _rebalance(address caller, bool force) private returns (bool skipped, Reason reason) {
        Mode mode = force ? Mode.Forced : Mode.Open;
        // A call to itself, so that a refusal during the run reverts its trades.
        try this.runWeights(caller, mode, new Swap[](0)) {}
        catch (bytes memory answer) {
            (skipped, reason) = (true, _refusalIn(answer));
            emit RebalanceSkipped(reason);
        }
    }

    /// @notice A run that can be reverted.
    /// @dev Who: this contract.
    function runWeights(address caller, Mode mode, Swap[] calldata swaps) external {
        require(msg.sender == address(this), PortfolioWeights_NotInSession(msg.sender));
        _run(caller, mode, swaps);
    }

    /// @inheritdoc IPortfolioWeights
    function sellOverweight(uint256 index, uint256 amount, uint256 minOut, bytes calldata data)
        external
        onlyInSession
        returns (uint256 proceeds)
    {
        _requireAtMost(index, amount, MOST_SOLD);
        (address asset, uint256 price, uint256 kept) = _take(index);
        uint256 floor = Math.ceilDiv(amount * price * kept, Bps.ONE * _cashPrice);
        return _sellTo(asset, amount, Math.max(minOut, floor), data, msg.sender);
    }

    /// @inheritdoc IPortfolioWeights
    function buyUnderweight(uint256 index, uint256 amount, uint256 minOut, bytes calldata data)
        external
        onlyInSession
        returns (uint256 bought)
    {
        _requireAtMost(index, amount, MOST_PAID);
        (address asset, uint256 price, uint256 kept) = _take(index);
        uint256 floor = Math.ceilDiv(amount * _cashPrice * kept, Bps.ONE * price);
        return _buyFrom(asset, amount, Math.max(minOut, floor), data);
    }

    /// @inheritdoc IPortfolioWeights
    function advance(uint256 amount) external onlyInSession {
        // In a portfolio with a home, its balance of the settlement token is not part of the run.
        require(_home() == custody(), PortfolioWeights_NotInSession(msg.sender));
        _advance(amount, msg.sender);
    }

    /// @inheritdoc IPortfolioWeights
    function custody() public view virtual returns (address);

    /// @inheritdoc IPortfolioWeights
    function scales() external view nonReentrantView returns (Scales memory) {
        return _scales(true);
    }

    /// @inheritdoc IPortfolioWeights
    function rebalanceAmounts()
        external
        view
        nonReentrantView
        returns (address[] memory assets, int256[] memory amounts)
    {
        Scales memory present = _scales(true);
        uint256 count = present.constituents.length;
        assets = new address[](count + 1);
        for (uint256 i = 0; i < count; ++i) {
            assets[i] = present.constituents[i].asset;
        }
        assets[count] = _settlement();
        amounts = _executor().amountsOf(present);
    }

    function _run(address caller, Mode mode, Swap[] calldata swaps) private {
        IWeightRebalancer executor = _executor();
        // The executor may be stricter than this contract, but not less strict.
        uint256 bound = Math.min(executor.admit(caller, mode), maxLossBps);
        require(!_isHomeBusy(), Rebalance_Refused(Reason.Busy));
        Scales memory before = _scales(mode == Mode.Keeper);
        // A stranger's gift to the executor also goes home, and does not count.
        uint256 gift = _settlementOf(address(executor));

        IWeightRebalancer.Charge memory charge = IWeightRebalancer.Charge(caller, mode, 0, 0, 0);
        _begin(before);
        _hold();
        charge.turnover = executor.execute(before, mode, swaps);
        _open = 0;

        uint256 left = _settlementOf(address(executor));
        _judge(charge, before, left - gift, bound);
        _settle(executor, charge, left);
        _letGo();
        emit Rebalanced(caller, mode, charge.turnover, charge.lost, left);
    }

    /// @dev Lets the executor charge its limits and send the rest home, and checks that it arrived.
    function _settle(IWeightRebalancer executor, IWeightRebalancer.Charge memory charge, uint256 left) private {
        uint256 before = _settlementOf(_home());
        executor.settle(charge);
        uint256 expected = before + left;
        uint256 current = _settlementOf(_home());
        require(current >= expected, PortfolioWeights_NotReturned(expected - current));
    }

    /// @dev Records the trades that the executor may make, each once. Assets that may not be traded are recorded as
    /// already traded.
    function _begin(Scales memory before) private {
        uint256 count = before.constituents.length;
        for (uint256 i = 0; i < count; ++i) {
            Constituent memory item = before.constituents[i];
            uint256 word = uint160(item.asset) | item.maxLossBps << LOSS_SHIFT;
            if (item.maxSale == 0 && item.maxPayment == 0) word |= DONE;
            _slotOf(i, 0).asUint256().tstore(before.basket.prices[i]);
            _slotOf(i, 1).asUint256().tstore(word);
            _slotOf(i, MOST_SOLD).asUint256().tstore(item.maxSale);
            _slotOf(i, MOST_PAID).asUint256().tstore(item.maxPayment);
        }
        (_open, _cashPrice) = (count, before.basket.prices[count]);
    }

    /// @dev Checks an amount against the maximum measured before; `word` selects the maximum.
    function _requireAtMost(uint256 index, uint256 amount, uint256 word) private view {
        require(index < _open, PortfolioWeights_NotOpen(index));
        uint256 most = _slotOf(index, word).asUint256().tload();
        require(amount <= most, PortfolioWeights_AboveMaximum(index, amount, most));
    }

    /// @dev Uses the one trade of a constituent. `kept` is the part of a trade's value that must remain.
    function _take(uint256 index) private returns (address asset, uint256 price, uint256 kept) {
        TransientSlot.Uint256Slot slot = _slotOf(index, 1).asUint256();
        uint256 word = slot.tload();
        require(word & DONE == 0, PortfolioWeights_NotOpen(index));
        slot.tstore(word | DONE);
        (asset, price) = (address(uint160(word)), _slotOf(index, 0).asUint256().tload());
        kept = Bps.ONE - (word >> LOSS_SHIFT);
    }

    /// @dev Judges the run at the prices before it, or the present ones where shares have lost value, and records the
    /// value lost and the number of trades.
    /// @param returned Settlement tokens that the executor has left.
    /// @param bound Value that may be lost, as a part of the total.
    function _judge(IWeightRebalancer.Charge memory charge, Scales memory before, uint256 returned, uint256 bound)
        private
        view
    {
        Basket memory basket = before.basket;
        (uint256[] memory values, uint256 totalBefore) = WeightMath.weigh(basket);
        uint256 deviationBefore = WeightMath.deviation(values, basket.targets, totalBefore);
        charge.trades = _readAgain(before);
        uint256 last = values.length - 1;
        _rateAgain(before, basket.prices[last]);
        basket.quantities[last] = returned + (_home() == custody() ? _settlementOf(custody()) : 0);
        uint256 total;
        (values, total) = WeightMath.weigh(basket);
        bool kept = WeightMath.keeps(totalBefore, total, bound);
        require(kept, Rebalance_Refused(Reason.MaxTotalValueLoss));
        // A loss counts as much against the run as idle tokens. Relative to a reduced total, a loss would appear as an
        // improvement where only assets that cannot be bought are below target.
        uint256 whole = Math.max(total, totalBefore);
        uint256 deviation = WeightMath.deviation(values, basket.targets, whole) + Bps.ONE * (whole - total);
        bool improved = WeightMath.improves(deviationBefore, totalBefore, deviation, whole);
        require(improved, Rebalance_Refused(Reason.NotImproved));
        charge.lost = Math.ceilDiv(Math.saturatingSub(totalBefore, total), basket.prices[last]);
    }

    /// @dev Puts the present balances of traded assets into the basket; the others must be unchanged.
    function _readAgain(Scales memory before) private view returns (uint256 trades) {
        uint256[] memory quantities = before.basket.quantities;
        for (uint256 i = 0; i < before.constituents.length; ++i) {
            Constituent memory item = before.constituents[i];
            if (item.maxSale == 0 && item.maxPayment == 0) continue;
            uint256 balance = IERC20(item.asset).balanceOf(custody());
            if (_slotOf(i, 1).asUint256().tload() & DONE == 0) {
                bool same = balance == quantities[i];
                require(same, PortfolioWeights_BalanceChanged(item.asset, balance, quantities[i]));
            } else {
                quantities[i] = balance;
                ++trades;
            }
        }
    }

    /// @dev V9: a fund may charge the cost of a trade to all its shares. So the rates of all shares that count are read
    /// again, traded or not, and the lower rate applies.
    function _rateAgain(Scales memory before, uint256 cashPrice) private view {
        Basket memory basket = before.basket;
        for (uint256 i = 0; i < before.constituents.length; ++i) {
            Constituent memory item = before.constituents[i];
            uint256 shares = basket.quantities[i];
            bool rated = item.venue == address(0) && (item.maxSale != 0 || item.maxPayment != 0);
            if (!rated || shares == 0) continue;
            uint256 price = cashPrice * _previewRedeem(item.asset, shares) / shares;
            if (price < basket.prices[i]) basket.prices[i] = price;
        }
    }

    /// @dev Values of one base unit each. Any failure is a reason to wait, unless caused by too little gas.
    function _unitPrices(address oracle_, address[] memory tokens) internal view returns (uint256[] memory) {
        uint256 gas = gasleft();
        try IPriceOracle(oracle_).unitPrices(tokens) returns (uint256[] memory prices) {
            return prices;
        } catch {
            _requireNotStarved(gas);
            revert Rebalance_Refused(Reason.StalePrice);
        }
    }

    /// @dev Payment for shares. Any failure is a reason to wait, as with prices.
    function _previewRedeem(address strategy, uint256 shares) internal view returns (uint256) {
        uint256 gas = gasleft();
        try IERC4626(strategy).previewRedeem(shares) returns (uint256 assets) {
            return assets;
        } catch {
            _requireNotStarved(gas);
            revert Rebalance_Refused(Reason.StalePrice);
        }
    }

    /// @dev For the beginning of a `catch`: with little gas anybody could cause a failure.
    function _requireNotStarved(uint256 gas) internal view {
        require(gasleft() > gas / GAS_PART, PortfolioWeights_OutOfGas());
    }

    function _setMaxLoss(uint16 newMaxLossBps) private {
        require(newMaxLossBps <= Bps.MAX_LOSS, PortfolioWeights_InvalidMaxLoss(newMaxLossBps));
        maxLossBps = newMaxLossBps;
        emit MaxLossSet(newMaxLossBps);
    }

    function _executor() private view returns (IWeightRebalancer) {
        address executor = rebalancer;
        require(executor != address(0), PortfolioWeights_NoRebalancer());
        return IWeightRebalancer(executor);
    }

    function _settlementOf(address account) private view returns (uint256) {
        return IERC20(_settlement()).balanceOf(account);
    }

    // slither-disable-end reentrancy-balance,reentrancy-events,reentrancy-benign,calls-loop,incorrect-equality

    /// @dev The reason of a refusal. Any other failure reverts.
    function _refusalIn(bytes memory answer) private pure returns (Reason) {
        bool refused = answer.length == REFUSAL_SIZE && bytes4(answer) == Rebalance_Refused.selector;
        uint256 word;
        assembly ("memory-safe") {
            if iszero(refused) { revert(add(answer, 0x20), mload(answer)) }
            // Read after the length and the selector.
            word := mload(add(answer, 0x24))
        }
        return Reason(word);
    }

    function _slotOf(uint256 index, uint256 word) private pure returns (bytes32) {
        return bytes32(SESSION + WORDS * index + word);
    }

    /// @dev Sells, and measures the growth of the receiver's balance of the settlement token; exactly `amount` of the
    /// asset must leave. `minOut` is above zero where the loss bound is below the whole, and already includes the
    /// bound.
    function _sellTo(address asset, uint256 amount, uint256 minOut, bytes calldata data, address receiver)
        internal
        virtual
        returns (uint256 proceeds);

    /// @dev Buys with settlement tokens that were pushed, and measures the growth of the balance of the asset, at least
    /// `minOut`, which already includes the loss bound.
    function _buyFrom(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        internal
        virtual
        returns (uint256 bought);

    /// @dev Prices, balances and targets, each feed read once. Reverts with `Rebalance_Refused(StalePrice)` where a
    /// price is bad; `_unitPrices` and `_previewRedeem` do.
    /// @param named Whether a keeper names each trade and its least output: assets that pay too little for a moment are
    /// sold only then.
    function _scales(bool named) internal view virtual returns (Scales memory);

    /// @dev Gives the executor settlement tokens of the portfolio.
    function _advance(uint256 amount, address executor) internal virtual;

    /// @dev Excludes all others from the portfolio, until `_letGo`.
    function _hold() internal virtual;

    function _letGo() internal virtual;

    /// @dev Whether the home is measuring its own balance, which a run would disturb.
    function _isHomeBusy() internal view virtual returns (bool);

    /// @dev The account that gets the rest: this one, where the portfolio stands alone.
    function _home() internal view virtual returns (address);

    /// @dev The settlement token.
    function _settlement() internal view virtual returns (address);
}
