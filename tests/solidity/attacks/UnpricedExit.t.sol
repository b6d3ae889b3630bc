// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IErc7540Venue} from "@ballast/interfaces/IErc7540Venue.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {AsyncVault} from "../doubles/AsyncVault.sol";
import {Plans} from "../support/Plans.sol";

/// @title The exit of an asset whose feed has died
/// @notice Two people may sell at a minimum that they sign. But a plan is opened at fresh prices of everything that is
/// held; and what was written off, so that a plan can be opened, is sold as if it had a price.
contract UnpricedExitTest is Plans {
    function test_deadFeed__held__noPlanOpens() public {
        _invest();
        IPlanLedger.Plan memory plan = _sale();
        IPlanLedger.Signature[] memory signatures = _signedByBoth(plan);
        uint256[3] memory state = controller.tierValues();
        _die();
        vm.expectPartialRevert(IPriceOracle.PriceOracle_InvalidPrice.selector);
        vm.prank(keeper);
        controller.openPlan(plan, state, signatures);
    }

    function test_deadFeed__writtenOff__planOpensAndCannotBeExecuted() public {
        _invest();
        _die();
        l3.writeOff(address(weth));
        IPlanLedger.Plan memory plan = _sale();
        _open(plan);
        bytes32[] memory leaves = _leaves(plan);
        vm.expectPartialRevert(IPriceOracle.PriceOracle_InvalidPrice.selector);
        vm.prank(keeper);
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");
        // The portfolio could: its operator is not let.
        l3.setOperator(address(this), true);
        l3.setHoldings(_yields(address(new FixedVenue(address(usdt), 200_000 * USD))));
        assertEq(l3.sellUnpriced(address(weth), 80e18, 200_000 * USD, ""), 200_000 * USD, "what is locked up");
    }

    /// @dev The portfolio wants a minimum for a sale without a price, the venue takes none.
    function test_deadFund__asynchronous__noMinimumSuitsBoth() public {
        AsyncVault async = new AsyncVault(address(usdt), false, 6);
        Erc7540Venue requests = new Erc7540Venue(address(l3));
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](1);
        list[0] =
            IPortfolio.Holding(address(async), IPortfolio.Kind.Async, 10_000, 10, 10_000, address(requests), ANY_RATE);
        l3.setHoldings(list);
        vm.prank(keeper);
        controller.purchaseAsset(address(async), 100_000 * USD, 0, "");
        async.settleDeposit(0, address(requests), 100_000 * USD);
        controller.claimAsset(address(async));
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](2);
        actions[0] = _action(REDEEM, address(async), 1_000 * USD, 0, 0);
        actions[1] = _action(REDEEM, address(async), 1_000 * USD, 1, 0);
        IPlanLedger.Plan memory plan = _plan(actions);
        _open(plan);
        vm.mockCallRevert(address(async), abi.encodeWithSelector(async.convertToAssets.selector), "dead");
        bytes32[] memory leaves = _leaves(plan);
        vm.startPrank(keeper);
        vm.expectPartialRevert(IPortfolio.Portfolio_ZeroAmount.selector);
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");
        vm.expectPartialRevert(IErc7540Venue.Erc7540Venue_MinimumNotSupported.selector);
        controller.execute(plan.header, leaves, 1, plan.actions[1], "");
        vm.stopPrank();
    }

    function _die() private {
        wethFeed.set(0);
    }

    function _sale() private returns (IPlanLedger.Plan memory) {
        return _planOf(_action(REDEEM, address(weth), 80e18, 200_000 * USD, 0));
    }
}

interface IMint {
    function mint(address to, uint256 amount) external;
}

/// @title Pays what it was told to
contract FixedVenue {
    address private immutable _token;
    uint256 private immutable _out;

    constructor(address token, uint256 out) {
        (_token, _out) = (token, out);
    }

    function trade(address, address, uint256, uint256, address receiver, bytes calldata) external returns (uint256) {
        IMint(_token).mint(receiver, _out);
        return _out;
    }
}
