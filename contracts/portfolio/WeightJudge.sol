// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAssetController} from "../interfaces/IAssetController.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {IPortfolioWeights} from "../interfaces/IPortfolioWeights.sol";
import {BoundedCall} from "../libraries/BoundedCall.sol";
import {Bps} from "../libraries/Bps.sol";
import {PortfolioWeights} from "./PortfolioWeights.sol";

/// @title Runs and judges the rebalances of one portfolio's weights
/// @dev A separate contract only because both do not fit into one. It is trusted like the portfolio, which has custody:
/// during a run only this contract operates it.
contract WeightJudge is PortfolioWeights {
    /// @dev Gas of one call to a strategy.
    uint256 private constant QUESTION_GAS = 1_000_000;

    IPortfolio private immutable _portfolio;
    address private immutable _portfolioHome;
    address private immutable _portfolioSettlement;
    address private immutable _oracle;
    uint256 private immutable _dust;

    // The portfolio is called in this constructor, so zero would revert.
    // slither-disable-next-line missing-zero-check
    constructor(address manager, address portfolio) AccessManaged(manager) {
        _portfolio = IPortfolio(portfolio);
        _portfolioHome = IPortfolio(portfolio).home();
        _portfolioSettlement = IPortfolio(portfolio).settlement();
        _oracle = IPortfolio(portfolio).oracle();
        _dust = IPortfolio(portfolio).dust();
    }

    /// @inheritdoc IPortfolioWeights
    function custody() public view override returns (address) {
        return address(_portfolio);
    }

    /// @inheritdoc PortfolioWeights
    function _sellTo(address asset, uint256 amount, uint256 minOut, bytes calldata data, address receiver)
        internal
        override
        returns (uint256)
    {
        return _portfolio.sellTo(asset, amount, minOut, data, receiver);
    }

    /// @inheritdoc PortfolioWeights
    function _buyFrom(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        internal
        override
        returns (uint256)
    {
        return _portfolio.buy(asset, amount, minOut, data);
    }

    /// @inheritdoc PortfolioWeights
    function _advance(uint256 amount, address executor) internal override {
        _portfolio.advance(amount, executor);
    }

    /// @inheritdoc PortfolioWeights
    function _hold() internal override {
        _portfolio.beginRun();
    }

    /// @inheritdoc PortfolioWeights
    function _letGo() internal override {
        _portfolio.endRun();
    }

    // Lists are as long as the portfolio's, and a bad entry must stop the run.
    // slither-disable-start calls-loop

    /// @inheritdoc PortfolioWeights
    function _scales(bool named) internal view override returns (Scales memory present) {
        IPortfolio.Position[] memory list = _positions();
        uint256 count = list.length;
        present.constituents = new Constituent[](count);
        Basket memory basket = present.basket;
        (basket.quantities, basket.targets) = (new uint256[](count + 1), new uint256[](count + 1));
        basket.prices = _pricesOf(list);
        uint256 whole = _whole();
        for (uint256 i = 0; i < count; ++i) {
            _weigh(present, list[i], i, whole, named);
        }
        if (_portfolioHome != address(_portfolio)) return present;
        basket.quantities[count] = IERC20Metadata(_portfolioSettlement).balanceOf(address(_portfolio));
        basket.targets[count] = _portfolio.settlementTargetBps();
    }

    /// @dev Any failure is a reason to wait, including a holding without a price or above its maximum rate.
    function _positions() private view returns (IPortfolio.Position[] memory) {
        uint256 gas = gasleft();
        try _portfolio.positions() returns (IPortfolio.Position[] memory list) {
            for (uint256 i = 0; i < list.length; ++i) {
                require(list[i].known, Rebalance_Refused(Reason.StalePrice));
            }
            return list;
        } catch {
            _requireNotStarved(gas);
            revert Rebalance_Refused(Reason.StalePrice);
        }
    }

    /// @dev The price of shares follows from the settlement token's.
    function _pricesOf(IPortfolio.Position[] memory list) private view returns (uint256[] memory) {
        address[] memory tokens = new address[](list.length + 1);
        tokens[list.length] = _portfolioSettlement;
        for (uint256 i = 0; i < list.length; ++i) {
            bool priced = list[i].kind == IPortfolio.Kind.Venue && _counts(list[i]) && !list[i].marked;
            tokens[i] = priced ? list[i].asset : _portfolioSettlement;
        }
        return _unitPrices(_oracle, tokens);
    }

    /// @dev Adds one holding to the basket. A holding that does not count, such as a gift or one marked down to zero,
    /// is neither weighed nor traded, unless it is dust; nor is its price read where it may not be bought. Requests,
    /// and marked holdings, are weighed by their value, and not traded. An asset that pays less than its least rate is
    /// not bought, and sold only by keepers, who name the minimum output.
    function _weigh(Scales memory present, IPortfolio.Position memory position, uint256 i, uint256 whole, bool named)
        private
        view
    {
        Basket memory basket = present.basket;
        Constituent memory item = present.constituents[i];
        (item.asset, item.maxLossBps) = (position.asset, position.maxLossBps);
        basket.targets[i] = position.targetBps;
        bool closed = position.marked || position.low && !named;
        if (position.kind == IPortfolio.Kind.Async || closed) {
            basket.quantities[i] = position.value;
            return;
        }
        if (!_counts(position)) return;
        uint256 cashPrice = basket.prices[basket.prices.length - 1];
        uint256 room = type(uint256).max;
        uint256 sale = position.balance;
        if (position.kind == IPortfolio.Kind.Venue) {
            item.venue = position.venue;
        } else {
            (bool answered, uint256 price) = _sharePrice(position, cashPrice);
            if (!answered) return;
            basket.prices[i] = price;
            sale = Math.min(sale, _limitOf(position.asset, IERC4626.maxRedeem.selector));
            room = _limitOf(position.asset, IERC4626.maxDeposit.selector);
        }
        uint256 value = position.balance * basket.prices[i] / cashPrice;
        if (!position.held && value >= _dust) return;
        basket.quantities[i] = position.balance;
        item.maxSale = sale;
        item.maxPayment = Math.min(room, Math.saturatingSub(Bps.partDown(whole, position.capBps), value));
    }

    /// @dev Whether a holding is relevant to a run: it is held, or may be bought.
    function _counts(IPortfolio.Position memory position) private pure returns (bool) {
        return position.held || position.capBps != 0;
    }

    /// @dev Value of a base unit of shares: of the shares held, or of a whole one where none are held or too few to
    /// determine a rate. A holding that is not held and does not answer, or pays less than its least rate, is no reason
    /// to stop; it is not traded.
    function _sharePrice(IPortfolio.Position memory position, uint256 cashPrice) private view returns (bool, uint256) {
        (bool answered, uint256 shares, uint256 worth) = (true, position.balance, position.value);
        if (!position.held || worth < _dust) (answered, shares, worth) = _wholeShare(position.asset);
        return (answered, Math.max(cashPrice * worth / shares, 1));
    }

    /// @dev A whole share in base units, its payment, and whether that can be believed.
    function _wholeShare(address asset) private view returns (bool sound, uint256 unit, uint256 worth) {
        // Only the rates are needed.
        // slither-disable-next-line unused-return
        (IPortfolio.Terms memory terms,,) = _portfolio.termsOf(asset);
        unit = 10 ** terms.shareDecimals;
        (sound, worth) = BoundedCall.tryRead(asset, abi.encodeCall(IERC4626.previewRedeem, (unit)), QUESTION_GAS);
        if (worth > type(uint128).max) return (false, unit, 0);
        sound = sound && worth + Bps.ROUNDING >= Bps.partDown(terms.maxRate, terms.minRateBps);
    }

    /// @dev Amount that the portfolio may deposit or redeem, by the strategy's answer; 0 where it does not answer.
    function _limitOf(address strategy, bytes4 question) private view returns (uint256 limit) {
        // Without an answer the limit is 0.
        // slither-disable-next-line unused-return
        (, limit) = BoundedCall.tryRead(strategy, abi.encodeWithSelector(question, address(_portfolio)), QUESTION_GAS);
    }

    /// @dev The value of which caps are parts: the vault's assets by its controller's book; without a vault nothing is
    /// bought beyond its target, which is a sufficient cap.
    function _whole() private view returns (uint256) {
        if (_portfolioHome == address(_portfolio)) return type(uint128).max;
        // The time of its revaluation is not needed here.
        // slither-disable-next-line unused-return
        (uint256[3] memory values,) = _controller().bookValues();
        uint256 cash = Math.saturatingSub(values[0], ILiquidityVault(_portfolioHome).freshDeposits());
        return cash + values[1] + values[2];
    }

    // slither-disable-end calls-loop

    /// @inheritdoc PortfolioWeights
    function _isHomeBusy() internal view override returns (bool) {
        return _portfolioHome != address(_portfolio) && _controller().locked();
    }

    function _controller() private view returns (IAssetController) {
        return IAssetController(ILiquidityVault(_portfolioHome).controller());
    }

    /// @inheritdoc PortfolioWeights
    function _home() internal view override returns (address) {
        return _portfolioHome;
    }

    /// @inheritdoc PortfolioWeights
    function _settlement() internal view override returns (address) {
        return _portfolioSettlement;
    }
}
