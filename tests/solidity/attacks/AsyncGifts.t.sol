// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {AsyncVault} from "../doubles/AsyncVault.sol";
import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {System} from "../support/System.sol";

/// @title Asynchronous vault that, like many, reverts on claims that return no shares
contract StrictAsyncVault is AsyncVault {
    error ZeroShares();

    constructor(address asset_, bool hasEpochs_) AsyncVault(asset_, hasEpochs_, 6) {}

    function deposit(uint256 assets, address receiver, address controller) public override returns (uint256 shares) {
        shares = super.deposit(assets, receiver, controller);
        require(shares != 0, ZeroShares());
    }
}

/// @title Contract that deposits a loan, claims and redeems in one transaction
contract StepTaker {
    function run(ILiquidityVault vault, NoReturnToken token, address asset, uint256 loan) external returns (uint256) {
        token.mint(address(this), loan);
        token.approve(address(vault), loan);
        vault.deposit(loan, address(this));
        IAssetController(vault.controller()).claimAsset(asset);
        return vault.redeem(vault.balanceOf(address(this)), address(this), address(this)) - loan;
    }
}

/// @title Requests made by a stranger for the venue, and assets returned by an issuer
/// @notice With ERC-7540, the owner of assets or shares can name any controller for a request, including our venue.
contract AsyncGiftsTest is System {
    StrictAsyncVault private async;
    Erc7540Venue private requests;

    /// @dev A deposit of one unit that returns no shares stays with the issuer; the redemption is claimed.
    function test_claim__strangersUnitInTheOtherDirection__proceedsCome() public {
        _list(false);
        _holdAsync(100_000 * USD);
        async.setRate(1.05e18);
        vm.prank(keeper);
        controller.redeemAsset(address(async), 100_000 * USD, 0, "");
        _giveDeposit(1);
        async.settleDeposit(0, address(requests), 1);
        async.settleRedeem(0, address(requests), 100_000 * USD);
        assertEq(async.maxWithdraw(address(requests)), 105_000 * USD, "claimable");
        uint256 idle = vault.idle();
        controller.claimAsset(address(async));
        assertEq(vault.idle(), idle + 105_000 * USD, "came");
    }

    /// @dev A stranger's settled request of another epoch is claimed as a gift and removes none of our requests.
    function test_claim__strangersRequestOfAnotherEpoch__leavesOurs() public {
        _list(true);
        _holdAsync(100_000 * USD);
        // The stranger's shares are settled in an early epoch at an early rate; our request is still pending.
        uint256 early = async.epoch();
        usdt.mint(address(this), 100_000 * USD);
        usdt.approve(address(async), 100_000 * USD);
        async.requestDeposit(100_000 * USD, address(this), address(this));
        async.settleDeposit(early, address(this), 100_000 * USD);
        async.deposit(100_000 * USD, address(this), address(this));
        async.requestRedeem(100_000 * USD, address(requests), address(this));
        async.settleRedeem(early, address(requests), 100_000 * USD);
        async.nextEpoch();
        async.setRate(1.2e18);
        vm.prank(keeper);
        controller.redeemAsset(address(async), 100_000 * USD, 0, "");

        uint256 total = vault.totalAssets();
        assertEq(l3.valueOf(address(async)), 120_000 * USD, "ours, under way");
        controller.claimAsset(address(async));
        assertEq(l3.valueOf(address(async)), 120_000 * USD, "still under way");
        assertEq(vault.totalAssets(), total + 100_000 * USD, "and the stranger's is a gift");
        // The asset is held, so it cannot be removed from the list.
        IPortfolio.Holding[] memory without = _yields(address(venue));
        vm.expectPartialRevert(IPortfolio.Portfolio_HoldingNotEmpty.selector);
        l3.setHoldings(without);
        async.settleRedeem(early + 1, address(requests), 100_000 * USD);
        controller.claimAsset(address(async));
        assertEq(vault.totalAssets(), total + 100_000 * USD, "claimed");
        assertEq(l3.valueOf(address(async)), 0, "nothing left");
    }

    /// @dev Assets returned by an issuer count at the venue until they are claimed; then they count as cash.
    function test_refusedDeposit__countsWhereItLies__nothingForWhoBorrows() public {
        _list(false);
        vm.prank(keeper);
        controller.purchaseAsset(address(async), 300_000 * USD, 0, "");
        assertEq(vault.totalAssets(), DEPOSIT, "under way");
        async.refuseDeposit(0, address(requests));
        assertEq(usdt.balanceOf(address(requests)), 300_000 * USD, "back");
        assertEq(vault.totalAssets(), DEPOSIT, "and in sight");
        StepTaker taker = new StepTaker();
        // The run either reverts or gains nothing.
        try taker.run(ILiquidityVault(address(vault)), usdt, address(async), 10_000_000 * USD) returns (uint256 gain) {
            assertEq(gain, 0, "the borrower's");
        } catch {
            controller.claimAsset(address(async));
        }
        assertGe(vault.totalAssets(), DEPOSIT, "the depositors'");
        assertEq(usdt.balanceOf(address(requests)), 0, "claimed");
    }

    /// @dev V2: each issuer has a separate venue, so returned assets are attributed to it, and an issuer that burns all
    /// gas blocks no other.
    function test_refusedDeposit__severalVaults__areApart() public {
        _list(false);
        AsyncVault other = new AsyncVault(address(usdt), false, 6);
        Erc7540Venue others = new Erc7540Venue(address(l3), address(other));
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](2);
        list[0] = IPortfolio.Holding(
            address(async), IPortfolio.Kind.Async, 5_000, 10, 10_000, address(requests), ANY_RATE, LEAST_RATE
        );
        list[1] = IPortfolio.Holding(
            address(other), IPortfolio.Kind.Async, 5_000, 10, 10_000, address(others), ANY_RATE, LEAST_RATE
        );
        l3.setHoldings(list);
        vm.startPrank(keeper);
        controller.purchaseAsset(address(async), 200_000 * USD, 0, "");
        controller.purchaseAsset(address(other), 100_000 * USD, 0, "");
        vm.stopPrank();
        other.refuseDeposit(0, address(others));
        assertEq(requests.missing(), 0, "nothing");
        assertEq(others.missing(), 100_000 * USD, "all");
        assertEq(l3.valueOf(address(async)), 200_000 * USD, "under way");
        assertEq(l3.valueOf(address(other)), 100_000 * USD, "back");
        controller.claimAsset(address(async));
        assertEq(usdt.balanceOf(address(others)), 100_000 * USD, "lies there");
        vm.etch(address(async), hex"fe");
        _markDown(l3, address(async), 0);
        usdt.mint(address(requests), 1);
        usdt.mint(address(others), 1);
        assertEq(l3.value{gas: 2_000_000}(), 100_000 * USD, "the other's");
        uint256 idle = vault.idle();
        controller.claimAsset{gas: 9_000_000}(address(other));
        assertEq(vault.idle(), idle + 100_000 * USD + 1, "came home");
        assertEq(l3.value(), 0, "nothing is left");
        // Assets that a dead issuer returned earlier are not lost either.
        usdt.mint(address(requests), 200_000 * USD);
        controller.claimAsset{gas: 16_000_000}(address(async));
        assertEq(usdt.balanceOf(address(requests)), 0, "came home");
    }

    function _list(bool hasEpochs) private {
        async = new StrictAsyncVault(address(usdt), hasEpochs);
        requests = new Erc7540Venue(address(l3), address(async));
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](4);
        IPortfolio.Holding[] memory three = _yields(address(venue));
        (list[0], list[1], list[2]) = (three[0], three[1], three[2]);
        list[3] = IPortfolio.Holding(
            address(async), IPortfolio.Kind.Async, 0, 10, 10_000, address(requests), ANY_RATE, LEAST_RATE
        );
        l3.setHoldings(list);
    }

    function _holdAsync(uint256 assets) private {
        vm.prank(keeper);
        controller.purchaseAsset(address(async), assets, 0, "");
        async.settleDeposit(async.hasEpochs() ? async.epoch() : 0, address(requests), assets);
        controller.claimAsset(address(async));
        assertEq(l3.valueOf(address(async)), assets, "held");
        if (async.hasEpochs()) async.nextEpoch();
    }

    function _giveDeposit(uint256 assets) private {
        usdt.mint(outsider, assets);
        vm.startPrank(outsider);
        usdt.approve(address(async), assets);
        async.requestDeposit(assets, address(requests), outsider);
        vm.stopPrank();
    }
}
