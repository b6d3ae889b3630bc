// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {PlanLedger} from "@ballast/vault/PlanLedger.sol";

import {Feed} from "../doubles/Feed.sol";
import {StockVenue} from "../doubles/StockVenue.sol";
import {Token} from "../doubles/Token.sol";
import {SignerVm} from "../support/Plans.sol";
import {GasSystem} from "./System.sol";

/// @title What a plan of five actions costs in one transaction, and in five
/// @notice L2 has two plain strategies; L3 has one, and two assets that are traded against a venue's stock. Everything
/// is in use, and the plan is open.
/// forge-config: default.isolate = true
contract PlansGasTest is GasSystem {
    SignerVm private constant signer = SignerVm(address(vm));
    uint256 private constant KEY = 1;
    uint8 private constant PURCHASE = 1;
    uint8 private constant REDEEM = 2;
    uint32 private constant HEARTBEAT = 60 days;
    uint256 private constant STOCK = 1e24;
    uint256 private constant RATE = 2_000;
    /// @dev Part of five transactions that one may cost, in percent.
    uint256 private constant MOST_PERCENT = 80;

    Token private ether_;
    Token private gold;

    function setUp() public override {
        super.setUp();
        PlanLedger(controller.ledger()).raiseApprover(signer.addr(KEY), 1);
        _list();
        address[5] memory assets = _assets();
        for (uint256 i = 0; i < assets.length; ++i) {
            controller.raiseLimit(LimitKeys.forAsset(assets[i]), SUPPLY, 1 days, 12);
        }
        controller.raiseLimit(LimitKeys.SINGLE_APPROVED, SUPPLY, 1 days, 12);
        controller.raiseLimit(LimitKeys.LOSS_REDUCE, SUPPLY, 1 days, 12);
        controller.raiseDualApproval(SUPPLY);
        vm.warp(block.timestamp + 2 days);
        // No limit, holding or plan is used for the first time.
        controller.purchaseAsset(address(ether_), 10 * MOVED, 0, "");
        controller.purchaseAsset(address(gold), 10 * MOVED, 0, "");
        _run(_open(_fiveOf(_assets(), 1)));
        controller.sync();
        vm.warp(block.timestamp + 10 minutes);
    }

    /// @dev Sales of a strategy and of a traded asset, and purchases of three others from them.
    function test_gas__plan__fiveDifferent() public {
        _measure("plan of five: sell two, buy three others", _fiveOf(_assets(), 2));
    }

    /// @dev Strategies alone: the first two sold, the third bought, and the first two again.
    function test_gas__plan__fiveOfThree() public {
        address[5] memory assets = _assets();
        (assets[2], assets[3], assets[4]) = (assets[4], assets[0], assets[1]);
        assets[1] = address(strategies[1]);
        _measure("plan of five: three strategies, two of them twice", _fiveOf(assets, 2));
    }

    function test_gas__plan__open() public {
        _open(_fiveOf(_assets(), 2));
        _tell("plan of five: open at the controller, 1 account", _lastTransaction());
    }

    function test_gas__actions__fiveDifferent() public {
        IPlanLedger.Action[] memory actions = _fiveOf(_assets(), 2);
        uint256 id = vm.snapshotState();
        uint256 sum = 0;
        for (uint256 i = 0; i < actions.length; ++i) {
            (address asset, uint256 amount) = (actions[i].asset, actions[i].amount);
            if (actions[i].verb == PURCHASE) controller.purchaseAsset(asset, amount, 0, "");
            else controller.redeemAsset(asset, amount, 0, "");
            sum += _lastTransaction();
        }
        vm.revertToState(id);
        assertEq(controller.executeActions(_stepsOf(actions)), 31, "all ran");
        _tellBoth("without a plan: sell two, buy three others", _lastTransaction(), sum);
    }

    function _measure(string memory what, IPlanLedger.Action[] memory actions) private {
        IPlanLedger.Plan memory plan = _open(actions);
        bytes32[] memory leaves = _leavesOf(actions);
        uint256 id = vm.snapshotState();
        uint256 sum = 0;
        for (uint8 i = 0; i < actions.length; ++i) {
            controller.execute(plan.header, leaves, i, actions[i], "");
            sum += _lastTransaction();
        }
        vm.revertToState(id);
        assertEq(controller.executePlan(plan.header, leaves, _stepsOf(actions)), 31, "all ran");
        _tellBoth(what, _lastTransaction(), sum);
    }

    function _tellBoth(string memory what, uint256 together, uint256 apart) private {
        _tell(string.concat(what, ", one transaction"), together);
        _tell(string.concat(what, ", five transactions"), apart);
        assertLe(together * 100, apart * MOST_PERCENT, what);
    }

    /// @dev Two sales, and three purchases that depend on one each or on both.
    function _fiveOf(address[5] memory assets, uint256 part)
        private
        view
        returns (IPlanLedger.Action[] memory actions)
    {
        actions = new IPlanLedger.Action[](5);
        bytes32 none = keccak256("");
        uint256 units = assets[1] == address(ether_) ? MOVED / RATE : MOVED;
        actions[0] = IPlanLedger.Action(REDEEM, assets[0], MOVED, 0, none, 0);
        actions[1] = IPlanLedger.Action(REDEEM, assets[1], units, 0, none, 0);
        actions[2] = IPlanLedger.Action(PURCHASE, assets[2], MOVED / part, 0, none, 1);
        actions[3] = IPlanLedger.Action(PURCHASE, assets[3], MOVED / part, 0, none, 2);
        actions[4] = IPlanLedger.Action(PURCHASE, assets[4], MOVED / part, 0, none, 3);
    }

    function _assets() private view returns (address[5] memory) {
        return [address(strategies[0]), address(ether_), address(strategies[1]), address(gold), address(strategies[2])];
    }

    function _run(IPlanLedger.Plan memory plan) private {
        bytes32[] memory leaves = _leavesOf(plan.actions);
        controller.executePlan(plan.header, leaves, _stepsOf(plan.actions));
    }

    function _open(IPlanLedger.Action[] memory actions) private returns (IPlanLedger.Plan memory plan) {
        uint256[3] memory state = controller.tierValues();
        plan.header = IPlanLedger.Header({
            consumer: address(controller),
            keeper: address(this),
            nonce: block.timestamp,
            deadline: uint40(block.timestamp + 1 hours),
            epoch: controller.epoch(),
            preState: keccak256(abi.encode(state))
        });
        plan.actions = actions;
        (uint8 v, bytes32 r, bytes32 s) = signer.sign(KEY, IPlanLedger(controller.ledger()).hashOf(plan));
        IPlanLedger.Signature[] memory signatures = new IPlanLedger.Signature[](1);
        signatures[0] = IPlanLedger.Signature(signer.addr(KEY), abi.encodePacked(r, s, v));
        controller.openPlan(plan, state, signatures);
    }

    function _leavesOf(IPlanLedger.Action[] memory actions) private view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](actions.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            leaves[i] = IPlanLedger(controller.ledger()).leafOf(actions[i]);
        }
    }

    function _stepsOf(IPlanLedger.Action[] memory actions) private pure returns (IAssetController.Step[] memory steps) {
        steps = new IAssetController.Step[](actions.length);
        for (uint8 i = 0; i < actions.length; ++i) {
            steps[i] = IAssetController.Step(i, 0, actions[i], "");
        }
    }

    /// @dev L3's strategy, and two assets for 2,000 each, which a venue has in stock.
    function _list() private {
        oracle.setFeed(address(token), address(new Feed(8, 1e8)), HEARTBEAT, 0.9e8, 1.1e8);
        StockVenue stock = new StockVenue();
        stock.setFeeBps(10);
        require(token.transfer(address(stock), STOCK));
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](3);
        list[0] = l3.holdingOf(address(strategies[2]));
        list[0].targetBps = 8_000;
        for (uint256 i = 1; i < 3; ++i) {
            Token traded = new Token(i == 1 ? "ETH" : "GOLD", 18);
            if (i == 1) ether_ = traded;
            else gold = traded;
            oracle.setFeed(address(traded), address(new Feed(8, int256(RATE * 1e8))), HEARTBEAT, 1e8, 1e13);
            stock.setRate(address(traded), address(token), RATE * 1e18);
            stock.setRate(address(token), address(traded), 1e18 / RATE);
            traded.mint(address(stock), STOCK);
            list[i] =
                IPortfolio.Holding(address(traded), IPortfolio.Kind.Venue, 1_000, 200, 10_000, address(stock), 0, 0);
        }
        l3.setHoldings(list);
    }
}
