// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";

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
