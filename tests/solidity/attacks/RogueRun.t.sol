// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {PortfolioWeights} from "@ballast/portfolio/PortfolioWeights.sol";
import {WeightJudge} from "@ballast/portfolio/WeightJudge.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {System} from "../support/System.sol";

/// @title Executor that trades as planned and also tries to sell an asset that is not weighed
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

    /// @notice Returns the loss bound of a run, which the judge requests from the executor.
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

/// @title Tests with an executor that is not trusted
contract RogueRunTest is System {
    WeightJudge private judge;

    /// @dev The fund was written off while it had no value; it has one again and awaits reinstatement. An asset that is
    /// not weighed cannot be sold.
    function test_run__executorSellsWhatIsNotWeighed__isRefused() public {
        _hold();
        _markDown(l3, address(fund), 0);
        uint256 shares = fund.balanceOf(address(l3));
        _employ(shares, 0);
        vm.expectRevert(abi.encodeWithSelector(IPortfolioWeights.PortfolioWeights_AboveMaximum.selector, 2, shares, 0));
        vm.prank(outsider);
        l3.rebalance(false);
        assertEq(usdt.balanceOf(outsider), 0, "the thief's");
        assertEq(fund.balanceOf(address(l3)), shares, "the portfolio's");
    }

    /// @dev The executor admits any loss; the judge applies its own bound.
    function test_run__executorNamesItsOwnBound__isJudgedByTheJudges() public {
        _hold();
        uint256 value = l3.value();
        _employ(0, 29_000 * USD);
        vm.expectEmit(address(judge));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.MaxTotalValueLoss);
        vm.prank(outsider);
        l3.rebalance(false);
        assertEq(usdt.balanceOf(outsider), 0, "the thief's");
        assertEq(l3.value(), value, "the tier's");
    }

    function test_maxLoss__rolesAndRange__areKept() public {
        _employ(0, 0);
        assertEq(judge.maxLossBps(), 200, "at first");
        _permit(address(judge), PortfolioWeights.setMaxLoss.selector, CONFIGURATOR);
        _permit(address(judge), PortfolioWeights.lowerMaxLoss.selector, GUARDIAN);
        vm.expectEmit(address(judge));
        emit IPortfolioWeights.MaxLossSet(1_000);
        judge.setMaxLoss(1_000);
        vm.expectRevert(abi.encodeWithSelector(IPortfolioWeights.PortfolioWeights_InvalidMaxLoss.selector, 1_001));
        judge.setMaxLoss(1_001);
        vm.startPrank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IPortfolioWeights.PortfolioWeights_InvalidMaxLoss.selector, 1_000));
        judge.lowerMaxLoss(1_000);
        judge.lowerMaxLoss(999);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, guardian));
        judge.setMaxLoss(1_000);
        vm.stopPrank();
        assertEq(judge.maxLossBps(), 999, "lowered");
    }

    function _hold() private {
        vm.startPrank(keeper);
        controller.purchaseAsset(address(weth), 100_000 * USD, 0, "");
        controller.purchaseAsset(address(bond), 300_000 * USD, 0, "");
        controller.purchaseAsset(address(fund), 180_000 * USD, 0, "");
        vm.stopPrank();
    }

    function _employ(uint256 unweighed, uint256 kept) private {
        judge = new WeightJudge(address(manager), address(l3));
        _permit(address(l3), Portfolio.setWeights.selector, CONFIGURATOR);
        _permit(address(judge), PortfolioWeights.setRebalancer.selector, CONFIGURATOR);
        l3.setWeights(address(judge));
        Embezzler rogue = new Embezzler(address(judge), address(usdt), address(venue), outsider, unweighed, kept);
        judge.setRebalancer(address(rogue));
    }
}
