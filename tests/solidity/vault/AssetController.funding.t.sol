// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {Steps} from "../support/Steps.sol";

/// @dev Sales of 10 WETH bring 30,000 less the venue's fee; shares of the markets and of the fund cost one each.
contract AssetControllerFundingTest is Steps {
    bytes4 private constant NOTHING_LEFT = IAssetController.AssetController_ZeroAmount.selector;

    function test_funding__salesBringLess__spendsWhatTheyBrought() public {
        _investAndCharge(100);
        IPlanLedger.Plan memory plan = _saleAndPurchase(30_000 * USD, 30_000 * USD);
        _open(plan);
        assertEq(_executePlan(plan), 3, "done");
        assertEq(fund.balanceOf(address(l3)), 209_700 * USD, "fund");
        assertEq(vault.idle(), 100_000 * USD, "no more than was sold");
        assertEq(AMPLE - _limitLeft(LimitKeys.forAsset(address(fund))), 29_700 * USD, "limit");
        assertEq(_doneOf(plan), 3, "it is done, though cut");
    }

    function test_funding__salesBringEnough__spendsItsAmount() public {
        _investAndCharge(100);
        IPlanLedger.Plan memory plan = _saleAndPurchase(29_700 * USD, 29_700 * USD);
        _open(plan);
        assertEq(_executePlan(plan), 3, "to the unit");
        assertEq(vault.idle(), 100_000 * USD, "L1");
        plan = _saleAndPurchase(20_000 * USD, 20_000 * USD);
        _open(plan);
        assertEq(_executePlan(plan), 3, "more than enough");
        assertEq(vault.idle(), 109_700 * USD, "L1");
    }

    function test_funding__noSale__spendsItsAmount() public {
        _investAndCharge(100);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](3);
        actions[0] = _action(REDEEM, address(weth), 1e18, 0, 0);
        actions[1] = _action(PURCHASE, address(marketA), 10_000 * USD, 0, 0);
        actions[2] = _action(PURCHASE, address(marketB), 10_000 * USD, 0, 2);
        IPlanLedger.Plan memory plan = _plan(actions);
        _open(plan);
        assertEq(_executePlan(plan), 7, "done");
        assertEq(vault.idle(), 82_970 * USD, "L1");
    }

    /// @dev Shares cost one unit each. The signed minimum is one unit above the amount, so the reduced minimum is
    /// missed by one unit too.
    function test_funding__reducedMinimum__isInProportion() public {
        _investAndCharge(100);
        IPlanLedger.Plan memory plan = _saleAndPurchase(30_000 * USD, 30_000 * USD + 1);
        _open(plan);
        assertEq(_executePlan(plan), 1, "the sale");
        _assertFailedWith(1, IAssetController.AssetController_InsufficientOutput.selector);
    }

    /// @dev The reduced minimum is ceil(minOut * spent / amount).
    function testFuzz_funding__reducedMinimum__isRoundedUp(uint256 amount, uint256 minOut, uint16 feeBps) public {
        _investAndCharge(bound(feeBps, 0, 100));
        uint256 brought = 30_000 * USD - 30_000 * USD * venue.feeBps() / 10_000;
        amount = bound(amount, brought + 1, 60_000 * USD);
        minOut = bound(minOut, 1, amount + amount / 1_000);
        IPlanLedger.Plan memory plan = _saleAndPurchase(amount, minOut);
        _open(plan);
        uint256 reduced = minOut * brought / amount + (minOut * brought % amount == 0 ? 0 : 1);
        assertEq(_executePlan(plan), reduced <= brought ? 3 : 1, "done");
        assertEq(fund.balanceOf(address(l3)) - 180_000 * USD, reduced <= brought ? brought : 0, "bought");
    }

    function test_funding__twoPurchases__shareOneSale() public {
        _investAndCharge(100);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](4);
        actions[0] = _action(REDEEM, address(weth), 10e18, 0, 0);
        actions[1] = _action(PURCHASE, address(fund), 20_000 * USD, 20_000 * USD, 1);
        actions[2] = _action(PURCHASE, address(marketA), 10_000 * USD, 10_000 * USD, 1);
        actions[3] = _action(PURCHASE, address(marketB), 5_000 * USD, 0, 1);
        IPlanLedger.Plan memory plan = _plan(actions);
        bytes32 planHash = _open(plan);
        assertEq(_executePlan(plan), 7, "done");
        _assertFailed(planHash, 3, abi.encodeWithSelector(NOTHING_LEFT));
        assertEq(fund.balanceOf(address(l3)), 200_000 * USD, "all that it wanted");
        assertEq(marketA.balanceOf(address(l2)), 159_700 * USD, "the rest");
        assertEq(vault.idle(), 100_000 * USD, "L1");
        // Its sale ran in an earlier call now.
        assertEq(_executePlan(plan, _stepsIn(plan, 8)), 8, "later");
        assertEq(marketB.balanceOf(address(l2)), 155_000 * USD, "its whole amount");
    }

    function test_funding__severalSales__areSpentInTheirOrder() public {
        _investAndCharge(0);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](5);
        actions[0] = _action(REDEEM, address(weth), 10e18, 0, 0);
        actions[1] = _action(REDEEM, address(bond), 100e18, 0, 0);
        // All of the first sale, and 5,000 of the second.
        actions[2] = _action(PURCHASE, address(fund), 35_000 * USD, 0, 3);
        // The other 5,000 of the second.
        actions[3] = _action(PURCHASE, address(marketA), 10_000 * USD, 0, 2);
        actions[4] = _action(PURCHASE, address(marketB), 10_000 * USD, 0, 1);
        IPlanLedger.Plan memory plan = _plan(actions);
        bytes32 planHash = _open(plan);
        assertEq(_executePlan(plan), 15, "done");
        _assertFailed(planHash, 4, abi.encodeWithSelector(NOTHING_LEFT));
        assertEq(fund.balanceOf(address(l3)), 215_000 * USD, "fund");
        assertEq(marketA.balanceOf(address(l2)), 155_000 * USD, "marketA");
    }

    function test_funding__earlierPurchaseFails__leavesItsPart() public {
        _investAndCharge(100);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](3);
        actions[0] = _action(REDEEM, address(weth), 10e18, 0, 0);
        actions[1] = _action(PURCHASE, address(fund), 20_000 * USD, 20_000 * USD + 1, 1);
        actions[2] = _action(PURCHASE, address(marketA), 30_000 * USD, 0, 1);
        IPlanLedger.Plan memory plan = _plan(actions);
        _open(plan);
        assertEq(_executePlan(plan), 5, "done");
        assertEq(marketA.balanceOf(address(l2)), 179_700 * USD, "all that the sale brought");
    }

    function test_funding__saleInAnEarlierCall__spendsItsAmount() public {
        _investAndCharge(100);
        IPlanLedger.Plan memory plan = _saleAndPurchase(30_000 * USD, 30_000 * USD);
        _open(plan);
        _executePlan(plan, _stepsIn(plan, 1));
        assertEq(_executePlan(plan), 2, "done");
        assertEq(fund.balanceOf(address(l3)), 210_000 * USD, "fund");
        assertEq(vault.idle(), 99_700 * USD, "L1");
    }

    function test_funding__oneSaleEarlierAndOneNow__spendsItsAmount() public {
        _investAndCharge(0);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](4);
        actions[0] = _action(REDEEM, address(weth), 10e18, 0, 0);
        actions[1] = _action(REDEEM, address(bond), 100e18, 0, 0);
        actions[2] = _action(PURCHASE, address(fund), 39_000 * USD, 0, 3);
        actions[3] = _action(PURCHASE, address(marketA), 5_000 * USD, 0, 2);
        IPlanLedger.Plan memory plan = _plan(actions);
        bytes32 planHash = _open(plan);
        _executePlan(plan, _stepsIn(plan, 1));
        assertEq(_executePlan(plan, _stepsIn(plan, 14)), 6, "done");
        _assertFailed(planHash, 3, abi.encodeWithSelector(NOTHING_LEFT));
        assertEq(fund.balanceOf(address(l3)), 219_000 * USD, "not cut, but it takes the proceeds of this call first");
    }

    /// @dev A sale that was only requested has no proceeds yet.
    function test_funding__requestedSale__bringsNothingNow() public {
        _investAndCharge(0);
        IPlanLedger.Plan memory plan = _saleAndPurchase(30_000 * USD, 0);
        bytes32 planHash = _open(plan);
        IPortfolio.Sale memory requested;
        (requested.before, requested.current) = (240_000 * USD, 240_000 * USD);
        vm.mockCall(address(l3), abi.encodeWithSelector(l3.sell.selector, address(weth)), abi.encode(requested));
        assertEq(_executePlan(plan), 1, "the request");
        _assertFailed(planHash, 1, abi.encodeWithSelector(NOTHING_LEFT));
    }

    function test_funding__withoutPlan__isTheSame() public {
        _investAndCharge(100);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](3);
        actions[0] = _action(REDEEM, address(weth), 10e18, 0, 0);
        actions[1] = _action(PURCHASE, address(fund), 20_000 * USD, 20_000 * USD, 1);
        actions[2] = _action(PURCHASE, address(marketA), 10_000 * USD, 10_000 * USD, 1);
        uint256 before = _limitLeft(LimitKeys.automatic(keeper));
        assertEq(_executeActions(actions), 7, "done");
        assertEq(before - _limitLeft(LimitKeys.automatic(keeper)), 29_700 * USD, "what was spent");
        assertEq(marketA.balanceOf(address(l2)), 159_700 * USD, "the rest");
        assertEq(vault.idle(), 100_000 * USD, "L1");
    }

    function _investAndCharge(uint256 feeBps) private {
        _invest();
        venue.setFeeBps(feeBps);
    }

    /// @dev 10 WETH for 30,000 less the fee, and a purchase of the fund that depends on it.
    function _saleAndPurchase(uint256 amount, uint256 minOut) private returns (IPlanLedger.Plan memory) {
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](2);
        actions[0] = _action(REDEEM, address(weth), 10e18, 0, 0);
        actions[1] = _action(PURCHASE, address(fund), amount, minOut, 1);
        return _plan(actions);
    }
}
