// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";

import {Token} from "../doubles/Token.sol";

/// @title Simulated portfolio: runs its executor on any scales and records sales and payments
/// @notice Trades are at the prices of the scales. Nothing is checked.
contract PaperPortfolio {
    address public immutable settlement;
    address public immutable home;

    IWeightRebalancer private _executor;
    uint256[] private _prices;
    address[] private _assets;
    uint256[] private _sold;
    uint256[] private _paid;

    /// @param home_ Home of the portfolio; 0 if it stands alone.
    constructor(address settlement_, address home_) {
        (settlement, home) = (settlement_, home_ == address(0) ? address(this) : home_);
    }

    function custody() external view returns (address) {
        return address(this);
    }

    function setExecutor(IWeightRebalancer executor) external {
        _executor = executor;
    }

    /// @return sold Base units of each constituent.
    /// @return paid Settlement tokens for each constituent.
    function run(
        IPortfolioWeights.Scales calldata scales,
        IPortfolioWeights.Mode mode,
        IPortfolioWeights.Swap[] calldata swaps
    ) external returns (uint256[] memory sold, uint256[] memory paid) {
        uint256 count = scales.constituents.length;
        (_prices, _sold, _paid) = (scales.basket.prices, new uint256[](count), new uint256[](count));
        delete _assets;
        for (uint256 i = 0; i < count; ++i) {
            _assets.push(scales.constituents[i].asset);
        }
        _executor.execute(scales, mode, swaps);
        return (_sold, _paid);
    }

    function sellOverweight(uint256 index, uint256 amount, uint256, bytes calldata)
        external
        returns (uint256 proceeds)
    {
        _sold[index] = amount;
        Token(_assets[index]).transfer(address(0xDEAD), amount);
        proceeds = amount * _prices[index] / _prices[_prices.length - 1];
        Token(settlement).mint(msg.sender, proceeds);
    }

    function buyUnderweight(uint256 index, uint256 amount, uint256, bytes calldata) external returns (uint256) {
        _paid[index] = amount;
        return 0;
    }

    function advance(uint256 amount) external {
        Token(settlement).mint(msg.sender, amount);
    }
}
