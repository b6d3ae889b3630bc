// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Executor with its own plans
/// @notice For the portfolio of `WeightsTest`: constituent 0 is overweight, 1 and 2 are underweight.
contract RogueExecutor {
    using SafeERC20 for IERC20;

    enum Plan {
        Nothing,
        SellsOverweight,
        BuysUnderweight,
        SellsUnderweight,
        SellsTwice,
        BuysWhatItSold,
        SellsBeyondTheList,
        KeepsProceeds,
        LosesProceeds,
        LosesAdvance
    }

    address public immutable portfolio;
    IERC20 private immutable usdt;
    address private immutable venue;
    Plan public plan;

    constructor(IPortfolioWeights portfolio_, address usdt_, address venue_) {
        (portfolio, usdt, venue) = (address(portfolio_), IERC20(usdt_), venue_);
    }

    function set(Plan newPlan) external {
        plan = newPlan;
    }

    function admit(address, IPortfolioWeights.Mode) external pure returns (uint256) {
        return 200;
    }

    function execute(IPortfolioWeights.Scales calldata, IPortfolioWeights.Mode, IPortfolioWeights.Swap[] calldata)
        external
        returns (uint256)
    {
        IPortfolioWeights held = IPortfolioWeights(portfolio);
        if (plan == Plan.Nothing) return 0;
        if (plan == Plan.LosesAdvance) {
            held.advance(5_000e6);
            usdt.safeTransfer(address(0xDEAD), 5_000e6);
            return 0;
        }
        if (plan == Plan.BuysUnderweight || plan == Plan.KeepsProceeds) {
            held.advance(1_001e6);
            usdt.safeTransfer(venue, 1_000e6);
            return held.buyUnderweight(1, 1_000e6, 0, "");
        }
        if (plan == Plan.SellsBeyondTheList) return held.sellOverweight(3, 1, 0, "");
        if (plan == Plan.SellsUnderweight) return held.sellOverweight(1, 1e18, 0, "");
        uint256 received = held.sellOverweight(0, 0.1e8, 0, "");
        if (plan == Plan.SellsTwice) held.sellOverweight(0, 0.1e8, 0, "");
        if (plan == Plan.BuysWhatItSold) held.buyUnderweight(0, 1_000e6, 0, "");
        if (plan == Plan.LosesProceeds) usdt.safeTransfer(address(0xDEAD), received);
        return received;
    }

    function settle(IWeightRebalancer.Charge calldata) external {
        if (plan == Plan.KeepsProceeds) return;
        usdt.safeTransfer(portfolio, usdt.balanceOf(address(this)));
    }
}
