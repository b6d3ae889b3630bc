// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {Bps} from "@ballast/libraries/Bps.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {PriceOracle} from "@ballast/security/PriceOracle.sol";
import {RateLimits} from "@ballast/security/RateLimits.sol";
import {TierBook} from "@ballast/vault/TierBook.sol";

import {MeddlingVenue} from "../doubles/MeddlingVenue.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {Plans} from "../support/Plans.sol";

interface StorageVm {
    function load(address account, bytes32 slot) external view returns (bytes32);
}

/// @title Rows 13 to 25 of `docs/evidence/invariants.md`: caps, bands, loosening changes and cancelled plans
contract BoundsTest is Plans {
    StorageVm private constant storageVm = StorageVm(address(vm));
    uint32 private constant DELAY = 2 days;
    uint64 private constant SLOW = 7;
    address private immutable slow = address(0x510);

    /// @dev A purchase of any amount with any cap ends within the asset's part of all assets, or is refused.
    function testFuzz_B13__purchase__endsWithinTheCap(uint256 amount, uint16 capBps, uint256 which) public {
        _openBands();
        _invest();
        address asset = which % 2 == 0 ? address(weth) : address(fund);
        uint256 before = l3.valueOf(asset);
        vm.prank(guardian);
        l3.lowerCap(asset, uint16(bound(capBps, 0, 9_999)));
        amount = bound(amount, 1, vault.idle());
        if (_tries(abi.encodeCall(controller.purchaseAsset, (asset, amount, 0, "")))) {
            assertLe(l3.valueOf(asset) * Bps.ONE, vault.totalAssets() * l3.holdingOf(asset).capBps, "cap");
        } else {
            uint256 room = Bps.partDown(vault.totalAssets(), l3.holdingOf(asset).capBps);
            assertGe(before + amount, room, "there was room");
        }
    }

    /// @dev For any queue and purchase, L1 keeps its minimum and due redemptions stay covered.
    function testFuzz_B15__purchase__leavesMinimumAndCover(uint256 due, uint256 amount, uint256 which) public {
        _invest();
        due = bound(due, 1e12, vault.balanceOf(alice));
        vm.prank(alice);
        queue.requestRedeem(due, alice, alice);
        address asset = which % 2 == 0 ? address(marketA) : address(bond);
        amount = bound(amount, 1, vault.idle());
        if (!_tries(abi.encodeCall(controller.purchaseAsset, (asset, amount, 0, "")))) return;
        (uint256[3] memory values,) = controller.bookValues();
        uint256 total = values[0] + values[1] + values[2];
        assertGe(values[0] * Bps.ONE, total * _bound(IAssetController.Bound.MinL1), "minimum");
        uint256 waiting = vault.dueShares() * total / vault.totalSupply();
        assertLe(waiting * Bps.ONE, (values[0] + values[1]) * _bound(IAssetController.Bound.MaxDue), "cover");
    }

    /// @dev No purchase from L1 leaves a band; moves of the buffer bring L1 nearer to its target and keep L2 in its
    /// band.
    function testFuzz_B16__purchaseOrBuffer__bands(uint256 amount, uint256 gift, uint256 drained, uint256 which)
        public
    {
        _invest();
        if (which % 4 == 0) {
            amount = bound(amount, 1, vault.idle());
            address asset = which % 8 == 0 ? address(marketB) : address(weth);
            if (!_tries(abi.encodeCall(controller.purchaseAsset, (asset, amount, 0, "")))) return;
            _judgeBands(which % 8 == 0 ? 1 : 2);
            return;
        }
        if (which % 2 == 0) {
            usdt.mint(address(vault), bound(gift, 0, DEPOSIT));
        } else {
            _tries(abi.encodeCall(controller.purchaseAsset, (address(fund), bound(drained, 1, 50_000 * USD), 0, "")));
        }
        uint256 before = _distance();
        uint256 cash = vault.idle();
        vm.prank(keeper);
        controller.rebalance(which % 3 == 0);
        if (vault.idle() == cash) return;
        assertLe(_distance(), before - 1, "nearer");
        (uint256[3] memory values,) = controller.bookValues();
        uint256 total = values[0] + values[1] + values[2];
        if (vault.idle() > cash) {
            assertGe(values[1] * Bps.ONE + Bps.ONE, total * _bound(IAssetController.Bound.MinL2), "L2 minimum");
        } else {
            assertLe(values[1] * Bps.ONE, total * _bound(IAssetController.Bound.MaxL2), "L2 maximum");
        }
    }

    /// @dev Sales reduce risk and are bound by no band: L3 may be sold completely.
    function test_B16__sales__areBoundByNoBand() public {
        _invest();
        vm.startPrank(keeper);
        controller.redeemAsset(address(weth), weth.balanceOf(address(l3)), 0, "");
        controller.redeemAsset(address(bond), bond.balanceOf(address(l3)), 0, "");
        controller.redeemAsset(address(fund), fund.balanceOf(address(l3)), 0, "");
        vm.stopPrank();
        assertEq(l3.value(), 0, "L3");
    }

    /// @dev A loosening change waits for its whole delay, whatever is tried before.
    function testFuzz_B22__loosening__waitsForItsWholeDelay(uint256 wait, uint8 which) public {
        (address target, bytes memory call) = _loosening(which);
        _slowConfigurator(target, bytes4(call));
        vm.expectRevert(_error(IAccessManager.AccessManagerUnauthorizedCall.selector, slow, target, bytes4(call)));
        vm.prank(slow);
        manager.schedule(target, call, uint48(block.timestamp + bound(wait, 1, DELAY - 1)));

        vm.prank(slow);
        manager.schedule(target, call, 0);
        uint256 due = block.timestamp + DELAY;
        vm.warp(block.timestamp + bound(wait, 0, DELAY - 1));
        vm.prank(slow);
        (bool done,) = target.call(call);
        assertFalse(done, "too early");
        // Neither scheduling again nor a shorter delay of the account brings it nearer.
        vm.prank(slow);
        (done,) = address(manager).call(abi.encodeCall(manager.schedule, (target, call, 0)));
        assertFalse(done, "scheduled twice");
        manager.grantRole(SLOW, slow, 1);
        assertEq(manager.getSchedule(manager.hashOperation(slow, target, call)), due, "due");

        vm.warp(due);
        vm.prank(slow);
        (done,) = target.call(call);
        assertTrue(done, "in time");
    }

    /// @dev A tightening change takes effect in the same second.
    function test_B22__tightening__isInstant() public {
        _permit(address(oracle), PriceOracle.tightenFeed.selector, GUARDIAN);
        uint16[14] memory tight = controller.bounds();
        tight[uint256(IAssetController.Bound.MaxLoss)] = 1;
        vm.startPrank(guardian);
        controller.lowerLimit(LimitKeys.automatic(keeper), 1, 1 days);
        controller.tightenBounds(tight);
        l3.lowerCap(address(fund), 0);
        oracle.tightenFeed(address(weth), 1, 100e8, 100_000e8);
        vm.stopPrank();
        assertLe(controller.available(LimitKeys.automatic(keeper)), 1, "limit");
        assertEq(_bound(IAssetController.Bound.MaxLoss), 1, "bound");
        assertEq(l3.holdingOf(address(fund)).capBps, 0, "cap");
        assertEq(oracle.feedOf(address(weth)).heartbeat, 1, "feed");
    }

    /// @dev A plan that was cancelled, voided or opened before a pause never runs again: neither after a time, nor
    /// after the pause, nor with the same signatures.
    function testFuzz_B23__plansGivenUp__neverComeBack(uint8 how, uint256 wait) public {
        controller.raiseLimit(LimitKeys.forAsset(address(bond)), AMPLE, 1, 0);
        vm.warp(block.timestamp + 1);
        IPlanLedger.Plan memory plan = _planOf(_action(PURCHASE, address(bond), 1_000 * USD, 0, 0));
        IPlanLedger.Signature[] memory signatures = _signedByBoth(plan);
        uint256[3] memory state = controller.tierValues();
        bytes32 planHash = planLedger.hashOf(plan);
        if (how % 3 != 1) {
            vm.prank(keeper);
            controller.openPlan(plan, state, signatures);
        }
        _giveUp(how % 3, plan, planHash);
        vm.warp(block.timestamp + bound(wait, 0, 3 hours));
        assertFalse(_tries(abi.encodeCall(controller.openPlan, (plan, state, signatures))), "opened");
        bytes memory call = abi.encodeCall(controller.execute, (plan.header, _leaves(plan), 0, plan.actions[0], ""));
        assertFalse(_tries(call), "ran");
        IAssetController.Step[] memory steps = new IAssetController.Step[](1);
        steps[0] = IAssetController.Step(0, 0, plan.actions[0], "");
        call = abi.encodeCall(controller.executePlan, (plan.header, _leaves(plan), steps));
        assertFalse(_tries(call), "ran with others");
        assertEq(l3.valueOf(address(bond)), 0, "bought");
    }

    /// @dev The addresses that contracts refer to are fixed, and no contract has a proxy slot for another
    /// implementation.
    function test_B23__whatWasBuilt__stays() public {
        _invest();
        address[7] memory contracts = [
            address(vault),
            address(queue),
            address(l2),
            address(l3),
            address(controller),
            address(planLedger),
            address(oracle)
        ];
        bytes32 implementation = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);
        string[6] memory upgrades = [
            "upgradeTo(address)",
            "upgradeToAndCall(address,bytes)",
            "setVault(address)",
            "setOracle(address)",
            "setHome(address)",
            "setLedger(address)"
        ];
        for (uint256 i = 0; i < contracts.length; ++i) {
            assertEq(uint256(storageVm.load(contracts[i], implementation)), 0, "proxy");
            for (uint256 j = 0; j < upgrades.length; ++j) {
                (bool done,) = contracts[i].call(
                    abi.encodePacked(bytes4(keccak256(bytes(upgrades[j]))), abi.encode(outsider, uint256(64), 0))
                );
                assertFalse(done, upgrades[j]);
            }
        }
    }

    /// @dev Row 10 and class 34: the vault has no function that sets, takes or accrues a fee.
    function test_A10__fees__thereIsNoFunctionForThem() public {
        string[6] memory names = [
            "setFee(uint256)",
            "setManagementFee(uint256)",
            "setPerformanceFee(uint256)",
            "setFeeRecipient(address)",
            "accrueFees()",
            "mintFees()"
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            bytes memory call = abi.encodePacked(bytes4(keccak256(bytes(names[i]))), abi.encode(uint256(1)));
            (bool ofVault,) = address(vault).call(call);
            (bool ofController,) = address(controller).call(call);
            assertFalse(ofVault || ofController, names[i]);
        }
    }

    /// @dev Row 45: while everything is paused, no action of a keeper increases the deployed value.
    function testFuzz_E45__paused__nothingAddsRisk(uint8 which, uint256 amount, uint256 number) public {
        _invest();
        IPlanLedger.Plan memory plan = _planOf(_action(PURCHASE, address(bond), 1_000 * USD, 0, 0));
        vm.prank(guardian);
        controller.pause();
        uint256[2] memory before = [l2.value(), l3.value()];
        amount = bound(amount, 1, 200_000 * USD);
        address asset = number % 2 == 0 ? address(marketA) : address(weth);
        IAssetController.Step[] memory steps = new IAssetController.Step[](2);
        steps[0] = IAssetController.Step(0, 0, _action(REDEEM, address(fund), amount, 0, 0), "");
        steps[1] = IAssetController.Step(1, 0, _action(PURCHASE, asset, amount, 0, uint64(number % 2)), "");
        bytes[8] memory calls = [
            abi.encodeCall(controller.executeActions, (steps)),
            abi.encodeCall(controller.purchaseAsset, (asset, amount, 0, "")),
            abi.encodeCall(controller.switchAsset, (address(fund), amount, asset, 0, "", "")),
            abi.encodeCall(controller.allocateToLayer, (uint8(number % 3), amount)),
            abi.encodeCall(controller.rebalance, (number % 2 == 0)),
            abi.encodeCall(controller.executeWaterfallLiquidation, (amount, uint8(number % 3))),
            abi.encodeCall(controller.redeemAsset, (address(fund), amount, 0, "")),
            abi.encodeCall(controller.openPlan, (plan, controller.tierValues(), _signedByBoth(plan)))
        ];
        if (which % 2 == 0) usdt.mint(address(vault), 900_000 * USD);
        uint256 cash = vault.idle();
        _tries(calls[which % 8]);
        assertLe(l2.value(), before[0], "L2");
        assertLe(l3.value(), before[1], "L3");
        assertGe(vault.idle(), cash, "L1");
    }

    /// @dev While everything is paused, actions that reduce risk still work.
    function test_E45__paused__whatLowersRiskGoesOn() public {
        _invest();
        vm.startPrank(guardian);
        controller.pause();
        l3.lowerCap(address(fund), 0);
        vm.stopPrank();
        vm.startPrank(keeper);
        controller.redeemAsset(address(fund), fund.balanceOf(address(l3)), 0, "");
        controller.allocateToLayer(0, 1_000 * USD);
        controller.executeWaterfallLiquidation(400_000 * USD, 2);
        vm.stopPrank();
        assertGe(vault.idle(), 400_000 * USD, "idle");
    }

    /// @dev Class 31: even a venue with the configurator role cannot change the list during its trade.
    function testFuzz_G31__listChangedDuringATrade__isRefused(uint256 amount) public {
        MeddlingVenue meddler = new MeddlingVenue(address(oracle), l3);
        l3.setHoldings(_yields(address(meddler)));
        manager.grantRole(CONFIGURATOR, address(meddler), 0);
        vm.prank(keeper);
        controller.purchaseAsset(address(weth), bound(amount, 1_000 * USD, 300_000 * USD), 0, "");
        assertTrue(meddler.refused(), "refused");
        assertEq(l3.assets().length, 3, "list");
    }

    /// @dev Class 28: two sources that burn all their gas leave enough for the third.
    function testFuzz_G28__gasBurningSources__leaveGasForTheNext(uint256 gas) public {
        _invest();
        marketA.setMood(Strategy.Mood.BurnsGas, 0);
        marketB.setMood(Strategy.Mood.BurnsGas, 0);
        uint256 needed = vault.idle() + 1_000 * USD;
        gas = bound(gas, 5_000_000, 8_000_000);
        vm.prank(keeper);
        uint256 available = controller.executeWaterfallLiquidation{gas: gas}(needed, 2);
        assertGe(available, needed - 1, "from the next");
    }

    function _giveUp(uint256 how, IPlanLedger.Plan memory plan, bytes32 planHash) private {
        vm.startPrank(guardian);
        if (how == 0) controller.cancelPlan(planHash);
        if (how == 1) controller.voidNonce(keeper, plan.header.nonce);
        if (how == 2) controller.pause();
        vm.stopPrank();
        if (how == 2) controller.unpause();
    }

    function _tries(bytes memory call) private returns (bool done) {
        vm.prank(keeper);
        (done,) = address(controller).call(call);
    }

    /// @dev Returns the distance of L1 from its target, in ten-thousandths of a unit.
    function _distance() private view returns (uint256) {
        uint256 value = vault.idle() * Bps.ONE;
        uint256 target = vault.totalAssets() * _bound(IAssetController.Bound.TargetL1);
        return value > target ? value - target : target - value;
    }

    function _judgeBands(uint8 tier) private view {
        (uint256[3] memory values,) = controller.bookValues();
        uint256 total = values[0] + values[1] + values[2];
        assertGe(values[0] * Bps.ONE, total * controller.bounds()[0], "L1");
        assertLe(values[tier] * Bps.ONE, total * controller.bounds()[tier * 3 + 2], "tier");
    }

    function _slowConfigurator(address target, bytes4 selector) private {
        manager.grantRole(SLOW, slow, DELAY);
        _permit(target, selector, SLOW);
    }

    function _loosening(uint256 which) private view returns (address, bytes memory) {
        uint16[14] memory wide = controller.bounds();
        wide[uint256(IAssetController.Bound.MinL1)] = 0;
        if (which % 5 == 0) return (address(controller), abi.encodeCall(TierBook.setBounds, (wide)));
        if (which % 5 == 1) {
            bytes32 key = LimitKeys.automatic(outsider);
            return (address(controller), abi.encodeCall(RateLimits.raiseLimit, (key, AMPLE, 1, 0)));
        }
        if (which % 5 == 2) return (address(l3), abi.encodeCall(l3.setHoldings, (_yields(address(venue)))));
        if (which % 5 == 3) {
            return
                (
                    address(oracle),
                    abi.encodeCall(oracle.setFeed, (address(weth), address(wethFeed), HEARTBEAT, 1, 2e18))
                );
        }
        return (address(planLedger), abi.encodeCall(planLedger.raiseApprover, (outsider, 1)));
    }

    function _error(bytes4 selector, address account, address target, bytes4 called)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(selector, account, target, called);
    }
}
