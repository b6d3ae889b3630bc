// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";

import {BookController} from "../doubles/BookController.sol";
import {System} from "../support/System.sol";
import {Erc4626Properties} from "./Erc4626Properties.sol";

/// @title ERC-4626 properties of the whole system, with L2 and L3 invested, waiting redemptions, gains and losses
contract LiquidityVaultErc4626Test is Erc4626Properties, System {
    uint256 private constant MOST = 1_000_000 * USD;
    /// @dev Maximum loss of a market in per cent: below its minimum rate, a hundredth, deposits are closed.
    uint256 private constant MOST_LOST = 98;

    function _arrange(State memory state) internal virtual override {
        (subject, token) = (IERC4626(address(vault)), IERC20(address(usdt)));
        _invest();
        for (uint8 i = 0; i < PEOPLE; ++i) {
            uint256 assets = bound(state.deposits[i], 0, MOST);
            if (assets != 0) System._deposit(_person(i), assets);
            usdt.mint(_person(i), bound(state.tokens[i], 0, MOST));
        }
        // A part of the cash is due to another redeemer.
        vm.prank(alice);
        queue.requestRedeem(50_000 * 1e12 + 1, alice, alice);
        if (state.gain) usdt.mint(address(marketA), bound(state.result, 0, 10 * MOST));
        else marketA.lose(bound(state.result, 0, marketA.totalAssets() * MOST_LOST / 100));
    }

    function _emptyVault() internal override returns (IERC4626) {
        LiquidityVault empty = new LiquidityVault(address(manager), IERC20(address(usdt)), "E", "E");
        _permit(address(empty), LiquidityVault.setController.selector, CONFIGURATOR);
        empty.setController(address(new BookController(address(empty))));
        return IERC4626(address(empty));
    }

    function _fund(address account, uint256 assets) internal override {
        usdt.mint(account, assets);
    }
}
