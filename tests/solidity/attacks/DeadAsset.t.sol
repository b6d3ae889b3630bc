// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";

import {IMintable} from "../doubles/FairVenue.sol";
import {Plans} from "../support/Plans.sol";
import {SalesVenue} from "./UnpricedExit.t.sol";

/// @title Effects of a dead asset, with and without an attacker (V3, V4)
contract DeadAssetTest is Plans {
    /// @dev V3: after an approved plan has sold everything, a gift does not make the holding count again.
    function test_unpricedExit__thenOneWei__stopsNothing() public {
        _sellUnpriced(0);
        IMintable(address(weth)).mint(address(l3), 1);
        _serves();
    }

    /// @dev V3: a gift before the sale leaves one wei, and the holding still ends.
    function test_unpricedExit__oneWeiBefore__endsTheHolding() public {
        _sellUnpriced(1);
        assertEq(weth.balanceOf(address(l3)), 1, "the gift");
        _serves();
    }

    /// @dev A remainder larger than a plausible gift keeps counting until it has a price or a mark.
    function test_unpricedSale__ofAPart__holdingStays() public {
        _sellUnpriced(0.081e18);
        assertEq(vault.maxWithdraw(alice), 0, "no price");
        _markDown(l3, address(weth), 0);
        _serves();
    }

    /// @dev V4: a token that reverts on every call can be removed from the list or kept.
    function test_deadToken__isDroppedOrKept() public {
        _invest();
        vm.etch(address(fund), hex"5f5ffd");
        _markDown(l3, address(fund), 0);
        assertEq(l3.value(), 420_000 * USD, "valued");
        l3.setHoldings(_yields(address(venue)));
        assertEq(l3.assets().length, 3, "kept");
        IPortfolio.Holding[] memory shorter = new IPortfolio.Holding[](2);
        shorter[0] = _traded(address(weth), 7_000, address(venue));
        shorter[1] = _traded(address(bond), 3_000, address(venue));
        l3.setHoldings(shorter);
        assertEq(l3.assets().length, 2, "dropped");
        assertEq(l3.entryValue(), 420_000 * USD, "and open");
    }

    /// @dev V4: a dead token without a mark cannot be removed, and the error names it although the token does not
    /// answer.
    function test_deadToken__notMarked__isNotDropped() public {
        _invest();
        vm.etch(address(fund), hex"5f5ffd");
        IPortfolio.Holding[] memory shorter = new IPortfolio.Holding[](2);
        shorter[0] = _traded(address(weth), 7_000, address(venue));
        shorter[1] = _traded(address(bond), 3_000, address(venue));
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_HoldingNotEmpty.selector, address(fund), 0));
        l3.setHoldings(shorter);
    }

    /// @dev V4: the healthy market receives its share although the other market of the tier is dead.
    function test_deadMarket__theBufferGoesOn() public {
        _openBands();
        vm.etch(address(marketA), hex"5f5ffd");
        vm.prank(keeper);
        controller.allocateToLayer(1, 100_000 * USD);
        assertEq(l2.valueOf(address(marketB)), 50_000 * USD, "its share");
        assertEq(l2.positions().length, 2, "both are listed");
        IPortfolio.Holding[] memory one = new IPortfolio.Holding[](1);
        one[0] = _strategy(address(marketB), 10_000);
        l2.setHoldings(one);
    }

    function _sellUnpriced(uint256 gift) private {
        l3.setHoldings(_yields(address(new SalesVenue(address(oracle), 200_000 * USD))));
        _invest();
        IPlanLedger.Plan memory plan = _planOf(_action(REDEEM, address(weth), 80e18, 200_000 * USD, 0));
        IPlanLedger.Signature[] memory signatures = _signedByBoth(plan);
        uint256[3] memory state = controller.tierValues();
        wethFeed.set(0);
        vm.prank(keeper);
        controller.openPlan(plan, state, signatures);
        if (gift != 0) IMintable(address(weth)).mint(address(l3), gift);
        _execute(plan, 0);
    }

    function _serves() private {
        assertGe(vault.maxWithdraw(alice), 200_000 * USD, "who leaves");
        vm.startPrank(alice);
        vault.withdraw(1 * USD, alice, alice);
        queue.requestRedeem(10e12, alice, alice);
        queue.fulfil(10e12);
        vm.stopPrank();
    }
}
