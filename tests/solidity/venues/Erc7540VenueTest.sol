// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {AsyncVault} from "../doubles/AsyncVault.sol";
import {HostileAsyncVault} from "../doubles/HostileAsyncVault.sol";
import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Test} from "../support/Test.sol";

/// @title The properties of a portfolio that the venue reads, and an account for it
contract ServedPortfolio {
    address public immutable settlement;
    address public immutable home;

    constructor(address settlement_, address home_) {
        (settlement, home) = (settlement_, home_);
    }
}

/// @title Portfolio with one million, and three funds: one id for all requests, epochs, and hostile with epochs
/// @notice Shares have 18 decimals and cost a dollar.
abstract contract Erc7540VenueTest is Test {
    uint256 internal constant USD = 1e6;
    uint256 internal constant SHARE = 1e18;
    uint256 internal constant MILLION = 1_000_000 * USD;
    uint256 internal constant PAR = 1e6;
    address internal constant HOME = address(0x403E);
    address internal constant OUTSIDER = address(0xBAD);

    NoReturnToken internal usdt;
    ServedPortfolio internal portfolio;
    /// @dev Venue of the vault used last.
    Erc7540Venue internal venue;
    mapping(AsyncVault => Erc7540Venue) internal venues;
    AsyncVault internal fund;
    AsyncVault internal epochs;
    HostileAsyncVault internal hostile;

    function setUp() public virtual {
        usdt = new NoReturnToken();
        portfolio = new ServedPortfolio(address(usdt), HOME);
        fund = new AsyncVault(address(usdt), false, 18);
        epochs = new AsyncVault(address(usdt), true, 18);
        hostile = new HostileAsyncVault(address(usdt), true, 18);
        for (uint256 i = 0; i < 3; ++i) {
            AsyncVault vault = [fund, epochs, AsyncVault(hostile)][i];
            venues[vault] = new Erc7540Venue(address(portfolio), address(vault));
        }
        _at(fund);
        usdt.mint(address(portfolio), MILLION);
    }

    function _at(AsyncVault vault) internal {
        venue = venues[vault];
    }

    function _buy(AsyncVault vault, uint256 assets) internal returns (uint256) {
        _at(vault);
        vm.startPrank(address(portfolio));
        usdt.transfer(address(venue), assets);
        uint256 out = venue.trade(address(usdt), address(vault), assets, 0, address(portfolio), "");
        vm.stopPrank();
        return out;
    }

    function _sell(AsyncVault vault, uint256 shares) internal returns (uint256) {
        _at(vault);
        vm.startPrank(address(portfolio));
        vault.transfer(address(venue), shares);
        uint256 out = venue.trade(address(vault), address(usdt), shares, 0, HOME, "");
        vm.stopPrank();
        return out;
    }

    function _claim(AsyncVault vault) internal returns (uint256 shares, uint256 assets) {
        _at(vault);
        vm.prank(address(portfolio));
        (shares, assets,) = venue.claim(address(vault));
    }

    /// @dev Buys shares and claims them.
    function _hold(AsyncVault vault, uint256 assets) internal returns (uint256 shares) {
        _buy(vault, assets);
        _settleDeposit(vault, assets);
        (shares,) = _claim(vault);
    }

    function _settleDeposit(AsyncVault vault, uint256 assets) internal {
        (uint256 id,) = venues[vault].requestIds();
        vault.settleDeposit(id, address(venues[vault]), assets);
    }

    function _settleRedeem(AsyncVault vault, uint256 shares) internal {
        (, uint256 id) = venues[vault].requestIds();
        vault.settleRedeem(id, address(venues[vault]), shares);
    }

    function _pendingValue(AsyncVault vault) internal view returns (uint256) {
        return venues[vault].pendingValue(address(vault));
    }

    function _keepsNothing(AsyncVault vault) internal view {
        assertEq(usdt.balanceOf(address(venues[vault])), 0, "settlement left");
        assertEq(vault.balanceOf(address(venues[vault])), 0, "shares left");
        assertEq(usdt.allowance(address(venues[vault]), address(vault)), 0, "allowance left");
    }

    function _refuses(address tokenIn, address tokenOut, uint256 amount, address receiver, bytes memory refusal)
        internal
    {
        vm.prank(address(portfolio));
        vm.expectRevert(refusal);
        venue.trade(tokenIn, tokenOut, amount, 0, receiver, "");
    }
}
