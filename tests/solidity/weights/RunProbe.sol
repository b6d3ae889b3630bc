// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Contract that makes a list of calls at once and records each result
contract RunProbe {
    struct Attempt {
        address callee;
        bytes data;
        bool succeeded;
        bytes answer;
    }

    Attempt[] private _attempts;
    uint256 public rounds;

    function add(address callee, bytes calldata data) external {
        _attempts.push(Attempt(callee, data, false, ""));
    }

    function go() external {
        ++rounds;
        for (uint256 i = 0; i < _attempts.length; ++i) {
            (_attempts[i].succeeded, _attempts[i].answer) = _attempts[i].callee.call(_attempts[i].data);
        }
    }

    function attempts() external view returns (Attempt[] memory) {
        return _attempts;
    }
}

/// @title Executor that lets a probe make calls between a sale and a purchase
/// @notice For L3 of `System`: it sells 36,000 of constituent 0 and buys 18,000 of constituent 1.
contract ProbingExecutor {
    using SafeERC20 for IERC20;

    address public immutable portfolio;
    IERC20 private immutable _settlement;
    address private immutable _home;
    address private immutable _venue;
    RunProbe private immutable _probe;

    constructor(IPortfolioWeights judge, address venue, RunProbe probe) {
        IPortfolio held = IPortfolio(judge.custody());
        (portfolio, _venue, _probe) = (address(judge), venue, probe);
        (_settlement, _home) = (IERC20(held.settlement()), held.home());
    }

    function admit(address, IPortfolioWeights.Mode) external pure returns (uint256) {
        return 200;
    }

    function execute(IPortfolioWeights.Scales calldata, IPortfolioWeights.Mode, IPortfolioWeights.Swap[] calldata)
        external
        returns (uint256)
    {
        IPortfolioWeights(portfolio).sellOverweight(0, 9.6e18, 0, "");
        _probe.go();
        _settlement.safeTransfer(_venue, 18_000e6);
        IPortfolioWeights(portfolio).buyUnderweight(1, 18_000e6, 0, "");
        return 54_000e6;
    }

    function settle(IWeightRebalancer.Charge calldata) external {
        _settlement.safeTransfer(_home, _settlement.balanceOf(address(this)));
    }
}

/// @title Contract that calls with a given amount of gas
contract StingyCaller {
    function call(address callee, bytes calldata data, uint256 gasLimit) external returns (bool succeeded) {
        (succeeded,) = callee.call{gas: gasLimit}(data);
    }
}
