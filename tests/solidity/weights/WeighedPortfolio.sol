// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
import {ITradeVenue} from "@ballast/interfaces/ITradeVenue.sol";
import {PortfolioWeights} from "@ballast/portfolio/PortfolioWeights.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Minimal custody for runs
/// @notice Anyone may configure it.
contract WeighedPortfolio is PortfolioWeights {
    using SafeERC20 for IERC20;

    struct Item {
        address asset;
        address venue;
        uint16 targetBps;
        uint16 maxLossBps;
        bool limited;
    }

    address public immutable settlement;
    address public immutable oracle;
    address public immutable home;

    Item[] private _items;
    mapping(address asset => uint256) private _places;
    mapping(address asset => uint256) public maxSaleOf;
    mapping(address asset => uint256) public maxPaymentOf;
    uint256 public settlementTargetBps;
    bool public homeIsBusy;

    constructor(address manager, address settlement_, address oracle_, address home_) AccessManaged(manager) {
        (settlement, oracle) = (settlement_, oracle_);
        home = home_ == address(0) ? address(this) : home_;
    }

    function setItems(Item[] calldata items, uint256 newSettlementTargetBps) external {
        delete _items;
        for (uint256 i = 0; i < items.length; ++i) {
            _items.push(items[i]);
            _places[items[i].asset] = i;
        }
        settlementTargetBps = newSettlementTargetBps;
    }

    function setMaxima(address asset, uint256 maxSale, uint256 maxPayment) external {
        _items[_places[asset]].limited = true;
        (maxSaleOf[asset], maxPaymentOf[asset]) = (maxSale, maxPayment);
    }

    function setHomeIsBusy(bool busy) external {
        homeIsBusy = busy;
    }

    /// @notice Withdraws tokens, like an operator of a portfolio; the lock refuses it during a run.
    function withdraw(address token, address to, uint256 amount) external nonReentrant {
        IERC20(token).safeTransfer(to, amount);
    }

    function custody() public view override returns (address) {
        return address(this);
    }

    function _advance(uint256 amount, address executor) internal override {
        IERC20(settlement).safeTransfer(executor, amount);
    }

    function _hold() internal override {}

    function _letGo() internal override {}

    function _sellTo(address asset, uint256 amount, uint256 minOut, bytes calldata data, address receiver)
        internal
        override
        returns (uint256 proceeds)
    {
        address venue = _items[_places[asset]].venue;
        uint256 held = IERC20(asset).balanceOf(address(this));
        uint256 before = IERC20(settlement).balanceOf(receiver);
        if (venue == address(0)) {
            IERC4626(asset).redeem(amount, receiver, address(this));
        } else {
            IERC20(asset).safeTransfer(venue, amount);
            ITradeVenue(venue).trade(asset, settlement, amount, minOut, receiver, data);
        }
        proceeds = IERC20(settlement).balanceOf(receiver) - before;
        require(proceeds >= minOut, "minOut");
        require(IERC20(asset).balanceOf(address(this)) == held - amount, "spent");
    }

    function _buyFrom(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        internal
        override
        returns (uint256 bought)
    {
        address venue = _items[_places[asset]].venue;
        uint256 before = IERC20(asset).balanceOf(address(this));
        if (venue == address(0)) {
            IERC20(settlement).forceApprove(asset, amount);
            IERC4626(asset).deposit(amount, address(this));
        } else {
            ITradeVenue(venue).trade(settlement, asset, amount, minOut, address(this), data);
        }
        bought = IERC20(asset).balanceOf(address(this)) - before;
        require(bought >= minOut, "minOut");
    }

    function _scales(bool) internal view override returns (Scales memory present) {
        uint256 count = _items.length;
        Basket memory basket = present.basket;
        (basket.quantities, basket.targets) = (new uint256[](count + 1), new uint256[](count + 1));
        present.constituents = new Constituent[](count);
        address[] memory tokens = new address[](count + 1);
        for (uint256 i = 0; i < count; ++i) {
            Item memory item = _items[i];
            // The price of a share follows from the settlement token's.
            tokens[i] = item.venue == address(0) ? settlement : item.asset;
            basket.quantities[i] = IERC20(item.asset).balanceOf(address(this));
            basket.targets[i] = item.targetBps;
            present.constituents[i] = _constituent(item);
        }
        tokens[count] = settlement;
        basket.prices = _unitPrices(oracle, tokens);
        for (uint256 i = 0; i < count; ++i) {
            if (tokens[i] != settlement) continue;
            address strategy = present.constituents[i].asset;
            uint256 amount = basket.quantities[i];
            if (amount == 0) amount = 10 ** IERC20Metadata(strategy).decimals();
            basket.prices[i] = basket.prices[i] * _previewRedeem(strategy, amount) / amount;
        }
        if (home != address(this)) return present;
        basket.quantities[count] = IERC20(settlement).balanceOf(address(this));
        basket.targets[count] = settlementTargetBps;
    }

    function _constituent(Item memory item) private view returns (Constituent memory) {
        (uint256 maxSale, uint256 maxPayment) = (type(uint256).max, type(uint256).max);
        if (item.limited) (maxSale, maxPayment) = (maxSaleOf[item.asset], maxPaymentOf[item.asset]);
        return Constituent(item.asset, item.venue, item.maxLossBps, maxSale, maxPayment);
    }

    function _isHomeBusy() internal view override returns (bool) {
        return homeIsBusy;
    }

    function _home() internal view override returns (address) {
        return home;
    }

    function _settlement() internal view override returns (address) {
        return settlement;
    }
}
