// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAssetController} from "../interfaces/IAssetController.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {Bps} from "../libraries/Bps.sol";
import {ReturnData} from "../libraries/ReturnData.sol";

/// @title Moves from and into a tier's holdings, one after the other
/// @dev Runs in the asset controller's context, by delegate calls; deployed by its constructor, and separate from it
/// only because both do not fit into one contract. It has no storage. Each holding is moved by a call of the controller
/// to itself, with bounded gas, so a holding that fails reverts and stops only itself.
contract TierSources {
    /// @notice Sum of the moves of a call.
    /// @param amount Settlement units that left or entered L1.
    /// @param before Value of the moved holdings before.
    /// @param current Value of the moved holdings now.
    struct Moved {
        uint256 amount;
        uint256 before;
        uint256 current;
    }

    /// @dev Most gas for a move of one holding, and for a call to it, so that a hostile one leaves gas for the next.
    uint256 private constant SOURCE_GAS = 2_000_000;
    /// @dev Most bytes of a failing source's reason that are kept.
    uint256 private constant REASON_SIZE = 256;

    // Sources are called one after the other, each for the amount that the earlier ones left open; the controller
    // excludes all others.
    // slither-disable-start calls-loop,reentrancy-events

    /// @notice Draws from holdings, in their order, until `wanted` is received. Holdings that fail are passed over.
    /// @param holder Portfolio of the tier.
    /// @param tier Tier to draw from.
    /// @param wanted Settlement units.
    /// @param trades Whether holdings that trade in venues are used too, not only ERC-4626 holdings.
    /// @param budget Limit to which losses are charged.
    /// @return moved Amounts received.
    function drain(IPortfolio holder, uint8 tier, uint256 wanted, bool trades, bytes32 budget)
        external
        returns (Moved memory moved)
    {
        address[] memory assets = holder.assets();
        for (uint256 i = 0; i < assets.length && moved.amount < wanted; ++i) {
            if (!trades && holder.holdingOf(assets[i]).kind != IPortfolio.Kind.Erc4626) continue;
            uint256 open = wanted - moved.amount;
            try IAssetController(address(this)).drawFrom{gas: SOURCE_GAS}(tier, assets[i], open, budget) returns (
                uint256 proceeds, uint256 before, uint256 current
            ) {
                _note(moved, proceeds, before, current);
            } catch {
                emit IAssetController.SourceSkipped(tier, assets[i], ReturnData.head(REASON_SIZE));
            }
        }
    }

    /// @notice Puts `amount` into ERC-4626 holdings, the widest gap first, none beyond its target or its cap. Holdings
    /// that fail are passed over.
    /// @param holder Portfolio of the tier.
    /// @param tier Tier to put it into.
    /// @param amount Settlement units.
    /// @param tierValue Value that the tier will have.
    /// @param total Assets of the vault, of which caps are parts.
    /// @return moved Amounts invested.
    function spread(IPortfolio holder, uint8 tier, uint256 amount, uint256 tierValue, uint256 total)
        external
        returns (Moved memory moved)
    {
        address[] memory assets = holder.assets();
        uint256[] memory gaps = _gapsOf(holder, assets, tierValue, total);
        for (uint256 i = _widestOf(gaps); i < gaps.length && moved.amount < amount; i = _widestOf(gaps)) {
            uint256 part = Math.min(gaps[i], amount - moved.amount);
            uint256 whole = Math.saturatingSub(total + moved.current, moved.before + moved.amount);
            gaps[i] = 0;
            try IAssetController(address(this)).supplyTo{gas: SOURCE_GAS}(tier, assets[i], part, whole) returns (
                uint256 before, uint256 current
            ) {
                _note(moved, part, before, current);
            } catch {
                emit IAssetController.SourceSkipped(tier, assets[i], ReturnData.head(REASON_SIZE));
            }
        }
    }

    /// @dev The gap of each holding. One that does not answer has none. Caps leave room for rounding by the others.
    function _gapsOf(IPortfolio holder, address[] memory assets, uint256 tierValue, uint256 total)
        private
        view
        returns (uint256[] memory gaps)
    {
        gaps = new uint256[](assets.length);
        total = Math.saturatingSub(total, Bps.ROUNDING * assets.length);
        for (uint256 i = 0; i < assets.length; ++i) {
            try holder.gapOf{gas: SOURCE_GAS}(assets[i], tierValue, total) returns (uint256 gap) {
                gaps[i] = gap;
            } catch {}
        }
    }

    // slither-disable-end calls-loop,reentrancy-events

    /// @dev Values of a strategy that exaggerates must not prevent moves of the others, so nothing overflows here.
    function _note(Moved memory moved, uint256 amount, uint256 before, uint256 current) private pure {
        moved.amount += amount;
        moved.before = Math.saturatingAdd(moved.before, before);
        moved.current = Math.saturatingAdd(moved.current, current);
    }

    /// @dev Index of the widest gap; the length where there is none.
    function _widestOf(uint256[] memory gaps) private pure returns (uint256 widest) {
        widest = gaps.length;
        uint256 most = 0;
        for (uint256 i = 0; i < gaps.length; ++i) {
            if (gaps[i] > most) (widest, most) = (i, gaps[i]);
        }
    }
}
