// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {KillSwitch} from "@ballast/security/KillSwitch.sol";
import {PriceOracle} from "@ballast/security/PriceOracle.sol";
import {AssetController} from "@ballast/vault/AssetController.sol";
import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";
import {PlanLedger} from "@ballast/vault/PlanLedger.sol";

import {RoundingMarket} from "../doubles/RoundingMarket.sol";
import {Token} from "../doubles/Token.sol";
import {Test} from "../support/Test.sol";

/// @title Markets that round by a unit, at every band and in both directions (V17)
/// @notice Two markets in L2 and one in L3. Neither `rebalance` nor `rebalanceBuffer` fails because of a unit, and no
/// band is exceeded by one. The test contract is keeper, configurator and guardian.
contract AssetControllerRoundingTest is Test {
    uint256 private constant WHOLE = 10_000;
    /// @dev Settlement units that the controller does not move.
    uint256 private constant ROOM = 64;

    Token private token;
    uint256 private unit;
    LiquidityVault private vault;
    Portfolio private l2;
    AssetController private controller;
    RoundingMarket[3] private markets;

    struct Bands {
        uint256 min1;
        uint256 target1;
        uint256 max1;
        uint256 min2;
        uint256 target2;
        uint256 max2;
    }

    function testFuzz_rebalance__anyRounding__neverReverts(
        uint256 decimalsSeed,
        uint256 bandSeed,
        uint256 amountSeed,
        uint256[3] calldata rounding
    ) public {
        _deploy([uint8(6), 8, 18][decimalsSeed % 3]);
        _fill(amountSeed);
        Bands memory bands = _setBands(bandSeed);
        markets[0].setRounding(rounding[0]);
        markets[1].setRounding(rounding[1]);
        controller.rebalance(rounding[2] % 2 == 0);
        _check(bands);
        for (uint256 i = 0; i < 3; ++i) {
            _rebalanceBuffer(bands);
            _check(bands);
        }
        controller.rebalance(true);
        controller.rebalance(true);
        _rebalanceBuffer(bands);
    }

    /// Fills L2 exactly to its maximum while the market rounds one unit up; reverted with `AboveTierMaximum(1, x + 1,
    /// x)` before.
    function test_rebalanceBuffer__maximumAndAUnitUp__fills() public {
        _deploy(6);
        token.mint(address(vault), 1_000_000 * unit + 7);
        controller.setBounds([0, 0, 2_000, 0, 4_000, 4_000, 0, 6_000, 10_000, 100, 10_000, 100, 1_800, 14_400]);
        controller.sync();
        markets[0].setRounding(2);
        markets[1].setRounding(2);
        assertGe(uint256(-controller.rebalanceBuffer()), 399_999 * unit, "moved");
    }

    /// Markets pay one unit more than requested: the next tier is not used, and the extra unit consumes no limit.
    function test_waterfall__marketPaysAUnitMore__stopsAndTakesWhatWasAsked() public {
        _deploy(6);
        token.mint(address(vault), 1_000_000 * unit);
        for (uint256 i = 0; i < 3; ++i) {
            controller.purchaseAsset(address(markets[i]), 300_000 * unit, 0, "");
            markets[i].setRounding(22);
        }
        bytes32 key = LimitKeys.derisk(address(this));
        uint256 before = controller.available(key);
        assertEq(controller.executeWaterfallLiquidation(150_000 * unit, 2), 150_000 * unit + 1, "L1");
        assertEq(before - controller.available(key), 50_000 * unit, "what was asked for");
        assertEq(markets[2].totalSupply(), 300_000 * unit, "L3");
    }

    /// The only accepted error is that there is nothing to move, and there must then be no room.
    function _rebalanceBuffer(Bands memory bands) private {
        (bool done, bytes memory answer) = address(controller).call(abi.encodeCall(controller.rebalanceBuffer, ()));
        if (done) return;
        bytes4 selector = IAssetController.AssetController_CannotRebalance.selector;
        bytes memory nothing = abi.encodeWithSelector(selector, IRebalanceable.Reason.NothingToMove);
        assertTrue(keccak256(answer) == keccak256(nothing), "for nothing but a lack of room");
        (uint256[3] memory values,) = controller.bookValues();
        uint256 total = values[0] + values[1] + values[2];
        bool low = values[0] * WHOLE < total * bands.target1;
        uint256 edge = total * (low ? bands.min2 : bands.max2) / WHOLE;
        uint256 room = low ? _above(values[1], edge + 1) : _above(edge, values[1]);
        assertLe(room, ROOM + 2 * unit / 100, "no room but dust");
    }

    /// L1 may end below its minimum only if L2 is down to its own minimum.
    function _check(Bands memory bands) private view {
        (uint256[3] memory values,) = controller.bookValues();
        uint256 total = values[0] + values[1] + values[2];
        bool lowered = values[0] * WHOLE <= total * bands.max1;
        if (lowered && (values[0] + ROOM) * WHOLE < total * bands.min1) {
            assertLe(values[1] * WHOLE, total * bands.min2 + WHOLE * (ROOM + unit / 50), "L2 has given all it may");
        }
    }

    function _above(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : 0;
    }

    function _deploy(uint8 decimals) private {
        vm.warp(1_750_000_000);
        unit = 10 ** decimals;
        token = new Token("USD", decimals);
        address authority = address(new AccessManager(address(this)));
        address oracle = address(new PriceOracle(authority));
        vault = new LiquidityVault(authority, IERC20(address(token)), "Ballast", "bUSD");
        l2 = new Portfolio(authority, address(token), oracle, address(vault));
        Portfolio l3 = new Portfolio(authority, address(token), oracle, address(vault));
        address ledger = address(new PlanLedger(authority));
        address killSwitch = address(new KillSwitch(authority));
        controller =
            new AssetController(authority, address(vault), address(l2), address(l3), oracle, ledger, killSwitch);
        vault.setController(address(controller));
        l2.setOperator(address(controller), true);
        l3.setOperator(address(controller), true);
        for (uint256 i = 0; i < 3; ++i) {
            markets[i] = new RoundingMarket(address(token));
            markets[i].setRounding(13);
            token.mint(address(markets[i]), unit);
        }
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](2);
        (list[0], list[1]) = (_holding(0, 5_000), _holding(1, 5_000));
        l2.setHoldings(list);
        list = new IPortfolio.Holding[](1);
        list[0] = _holding(2, 10_000);
        l3.setHoldings(list);
        uint256 ample = 1e12 * unit;
        uint8 exponent = decimals > 6 ? decimals - 6 : 0;
        bytes32[4] memory keys = [
            LimitKeys.automatic(address(this)),
            LimitKeys.derisk(address(this)),
            LimitKeys.lossReduce(address(this)),
            LimitKeys.LOSS_ADD
        ];
        for (uint256 i = 0; i < 4; ++i) {
            controller.raiseLimit(keys[i], ample, 1, exponent);
        }
        vm.warp(block.timestamp + 1);
        controller.setBounds([0, 0, 10_000, 0, 4_000, 10_000, 0, 6_000, 10_000, 1_000, 10_000, 100, 1_800, 14_400]);
    }

    function _holding(uint256 which, uint16 targetBps) private view returns (IPortfolio.Holding memory holding) {
        holding.asset = address(markets[which]);
        holding.kind = IPortfolio.Kind.Erc4626;
        (holding.targetBps, holding.maxLossBps, holding.capBps) = (targetBps, 10, 10_000);
        (holding.maxRate, holding.minRateBps) = (uint96(100 * unit), 1);
    }

    /// @dev Puts an amount into each tier; a donation is no fresh deposit.
    function _fill(uint256 seed) private {
        uint256[4] memory parts;
        for (uint256 i = 0; i < 4; ++i) {
            parts[i] = bound(seed >> (64 * i), 0, 1_000_000 * unit);
        }
        token.mint(address(vault), parts[0] + parts[1] + parts[2] + parts[3] + unit);
        for (uint256 i = 0; i < 3; ++i) {
            if (parts[i] > unit) controller.purchaseAsset(address(markets[i]), parts[i], 0, "");
        }
    }

    /// @dev Sets any bands of L1 and L2, and a wide band of L3.
    function _setBands(uint256 seed) private returns (Bands memory bands) {
        bands.target1 = bound(seed % 2 ** 32, 0, 5_000);
        bands.min1 = bound(seed >> 32 & 0xffff, 0, bands.target1);
        bands.max1 = bound(seed >> 48 & 0xffff, bands.target1, 10_000);
        bands.target2 = bound(seed >> 64 & 0xffff, 0, 10_000 - bands.target1);
        bands.min2 = bound(seed >> 80 & 0xffff, 0, bands.target2);
        bands.max2 = bound(seed >> 96 & 0xffff, bands.target2, 10_000);
        // Bands without width are often met exactly.
        if (seed >> 112 & 1 == 1) (bands.min1, bands.max1) = (bands.target1, bands.target1);
        if (seed >> 113 & 1 == 1) (bands.min2, bands.max2) = (bands.target2, bands.target2);
        uint16[14] memory bounds = controller.bounds();
        (bounds[0], bounds[1], bounds[2]) = (uint16(bands.min1), uint16(bands.target1), uint16(bands.max1));
        (bounds[3], bounds[4], bounds[5]) = (uint16(bands.min2), uint16(bands.target2), uint16(bands.max2));
        bounds[7] = uint16(WHOLE - bands.target1 - bands.target2);
        controller.setBounds(bounds);
        controller.sync();
    }
}
