// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {PortfolioWeights} from "@ballast/portfolio/PortfolioWeights.sol";
import {WeightJudge} from "@ballast/portfolio/WeightJudge.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {System} from "../support/System.sol";

/// @title An executor that trades as it should, and sells besides what nobody weighs
contract Embezzler {
    address public immutable portfolio;
    address private immutable _token;
    address private immutable _venue;
    address private immutable _thief;
    uint256 private immutable _unweighed;
    uint256 private immutable _kept;

    constructor(address judge, address token, address venue, address thief, uint256 unweighed, uint256 kept) {
        (portfolio, _token, _venue, _thief) = (judge, token, venue, thief);
        (_unweighed, _kept) = (unweighed, kept);
    }

    /// @notice The bound on what a run may lose, which the judge asks the executor for.
    function admit(address, IPortfolioWeights.Mode) external view returns (uint256) {
        return _kept == 0 ? 0 : 10_000;
    }

    function execute(IPortfolioWeights.Scales calldata, IPortfolioWeights.Mode, IPortfolioWeights.Swap[] calldata)
        external
        returns (uint256)
    {
        IPortfolioWeights judge = IPortfolioWeights(portfolio);
        uint256 stolen = _unweighed == 0 ? 0 : judge.sellOverweight(2, _unweighed, 0, "");
        uint256 got = judge.sellOverweight(1, 600e18, 0, "") - _kept;
        NoReturnToken(_token).transfer(_thief, stolen + _kept);
        NoReturnToken(_token).transfer(_venue, got);
        judge.buyUnderweight(0, got, 0, "");
        return got;
    }

    function settle(IWeightRebalancer.Charge calldata) external {}
}

/// @title The executor is to be trusted with nothing
contract RogueRunTest is System {
    WeightJudge private judge;

    /// @dev Written off while it could not tell its value; it can again, and waits to be reinstated.
    function test_run__executorSellsWhatIsNotWeighed__keepsIt() public {
        _hold();
        l3.writeOff(address(fund));
        _run(fund.balanceOf(address(l3)), 0);
        assertEq(usdt.balanceOf(outsider), 180_000 * USD, "the thief's");
    }

    /// @dev It names the loss bound by which it is judged. Of 60,000 that a run moves it keeps 29,000.
    function test_run__executorNamesItsOwnBound__keepsHalfOfTheTurnover() public {
        _hold();
        uint256 value = l3.value();
        _run(0, 29_000 * USD);
        assertEq(usdt.balanceOf(outsider), 29_000 * USD, "the thief's");
        assertEq(l3.value(), value - 29_000 * USD, "the tier's");
    }

    function _hold() private {
        vm.startPrank(keeper);
        controller.purchaseAsset(address(weth), 100_000 * USD, 0, "");
        controller.purchaseAsset(address(bond), 300_000 * USD, 0, "");
        controller.purchaseAsset(address(fund), 180_000 * USD, 0, "");
        vm.stopPrank();
    }

    function _run(uint256 unweighed, uint256 kept) private {
        judge = new WeightJudge(address(manager), address(l3));
        _permit(address(l3), Portfolio.setWeights.selector, CONFIGURATOR);
        _permit(address(judge), PortfolioWeights.setRebalancer.selector, CONFIGURATOR);
        l3.setWeights(address(judge));
        Embezzler rogue = new Embezzler(address(judge), address(usdt), address(venue), outsider, unweighed, kept);
        judge.setRebalancer(address(rogue));
        vm.prank(outsider);
        l3.rebalance(false);
    }
}
