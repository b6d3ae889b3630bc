// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {AssetController} from "@ballast/vault/AssetController.sol";

import {System} from "../support/System.sol";

contract AssetControllerConfigurationTest is System {
    function test_constructor__portfolioTwiceOrForeign__reverts() public {
        bytes4 refusal = IAssetController.AssetController_InvalidPortfolio.selector;
        vm.expectRevert(_error(refusal, address(l2)));
        new AssetController(address(manager), address(vault), address(l2), address(l2), address(oracle));
        address foreign = address(new Portfolio(address(manager), address(usdt), address(oracle), outsider));
        vm.expectRevert(_error(refusal, foreign));
        new AssetController(address(manager), address(vault), address(l2), foreign, address(oracle));
        vm.expectRevert(_error(refusal, address(l2)));
        new AssetController(address(manager), address(vault), address(l2), address(l3), outsider);
        address other = address(new Portfolio(address(manager), address(weth), address(oracle), address(vault)));
        vm.expectRevert(_error(refusal, other));
        new AssetController(address(manager), address(vault), other, address(l3), address(oracle));
    }

    function test_constructor__fitting__hasDefaults() public view {
        IAssetController.TierBand[3] memory bands = controller.tierBands();
        assertEq(bands[0].minBps, 500, "L1 minimum");
        assertEq(bands[1].targetBps, 3_000, "L2 target");
        assertEq(bands[2].maxBps, 7_000, "L3 maximum");
        assertEq(controller.maxLossBps(), 100, "loss bound");
        assertEq(controller.vault(), address(vault), "vault");
        assertEq(controller.oracle(), address(oracle), "oracle");
    }

    function test_configuration__outsider__reverts() public {
        address[3] memory callers = [outsider, keeper, guardian];
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory refusal = _error(IAccessManaged.AccessManagedUnauthorized.selector, callers[i]);
            IAssetController.TierBand[3] memory bands = controller.tierBands();
            vm.startPrank(callers[i]);
            vm.expectRevert(refusal);
            controller.setKeeper(callers[i], true);
            vm.expectRevert(refusal);
            controller.setTierBands(bands);
            vm.expectRevert(refusal);
            controller.setMaxLossBps(0);
            vm.expectRevert(refusal);
            controller.unpause();
            vm.stopPrank();
        }
        vm.startPrank(keeper);
        bytes memory keepersRefusal = _error(IAccessManaged.AccessManagedUnauthorized.selector, keeper);
        vm.expectRevert(keepersRefusal);
        controller.pause();
        vm.expectRevert(keepersRefusal);
        controller.removeKeeper(keeper);
    }

    function test_removeKeeper__guardian__atOnce() public {
        vm.expectEmit(address(controller));
        emit IAssetController.KeeperSet(keeper, false);
        vm.prank(guardian);
        controller.removeKeeper(keeper);
        assertFalse(controller.isKeeper(keeper), "keeper");
        vm.prank(keeper);
        vm.expectRevert(_error(IAssetController.AssetController_NotKeeper.selector, keeper));
        controller.rebalanceBuffer();
    }

    function test_pause__guardian__onlyConfiguratorResumes() public {
        vm.prank(guardian);
        controller.pause();
        assertTrue(controller.paused(), "paused");
        vm.prank(alice);
        vault.withdraw(1 * USD, alice, alice);
        controller.unpause();
        assertFalse(controller.paused(), "resumed");
    }

    function test_setTierBands__unsound__reverts() public {
        _refuses(IAssetController.TierBand(1_001, 1_000, 2_000));
        _refuses(IAssetController.TierBand(500, 2_001, 2_000));
        _refuses(IAssetController.TierBand(500, 1_000, 10_001));
        _refuses(IAssetController.TierBand(500, 1_001, 2_000));
    }

    function test_setTierBands__sound__emits() public {
        IAssetController.TierBand[3] memory bands = controller.tierBands();
        bands[0].minBps = 800;
        vm.expectEmit(address(controller));
        emit IAssetController.TierBandsSet(bands);
        controller.setTierBands(bands);
        assertEq(controller.tierBands()[0].minBps, 800, "minimum");
    }

    function test_setMaxLossBps__aboveTheMaximum__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IAssetController.AssetController_InvalidMaxLoss.selector, 1_001, 1_000));
        controller.setMaxLossBps(1_001);
        vm.expectEmit(address(controller));
        emit IAssetController.MaxLossSet(1_000);
        controller.setMaxLossBps(1_000);
    }

    function test_views__tiers__areThree() public {
        assertEq(controller.portfolio(0), address(0), "L1");
        assertEq(controller.portfolio(1), address(l2), "L2");
        assertEq(controller.portfolio(2), address(l3), "L3");
        vm.expectRevert(abi.encodeWithSelector(IAssetController.AssetController_UnknownTier.selector, 3));
        controller.portfolio(3);
        assertEq(controller.tierOf(address(marketA)), 1, "market");
        assertEq(controller.tierOf(address(weth)), 2, "WETH");
        vm.expectRevert(_error(IAssetController.AssetController_UnknownAsset.selector, outsider));
        controller.tierOf(outsider);
    }

    function _refuses(IAssetController.TierBand memory first) internal {
        IAssetController.TierBand[3] memory bands = controller.tierBands();
        bands[0] = first;
        vm.expectRevert(IAssetController.AssetController_InvalidBands.selector);
        controller.setTierBands(bands);
    }
}
