// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IBridgeRoute} from "../interfaces/IBridgeRoute.sol";
import {ITreasury} from "../interfaces/ITreasury.sol";
import {ITreasuryLens} from "../interfaces/ITreasuryLens.sol";
import {Decimals} from "../libraries/Decimals.sol";
import {LimitKeys} from "../libraries/LimitKeys.sol";
import {TransferHash} from "../libraries/TransferHash.sol";

/// @title Views of a treasury for keepers
contract TreasuryLens is ITreasuryLens {
    /// @inheritdoc ITreasuryLens
    function balancesOf(address treasury, bytes32 asset) external view returns (uint256 idle, uint256 invested) {
        idle = IERC20(ITreasury(treasury).assetOf(asset).token).balanceOf(treasury);
        Position[] memory positions = positionsOf(treasury, asset);
        for (uint256 i = 0; i < positions.length; ++i) {
            invested += positions[i].value;
        }
    }

    /// @inheritdoc ITreasuryLens
    function legsOf(address treasury, bytes32[] calldata ids) external view returns (ITreasury.Legs[] memory list) {
        list = new ITreasury.Legs[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            // slither-disable-next-line calls-loop
            list[i] = ITreasury(treasury).legsOf(ids[i]);
        }
    }

    /// @inheritdoc ITreasuryLens
    function quote(ITreasury.Transfer calldata transfer, bytes calldata options)
        external
        view
        returns (IBridgeRoute.Quote memory result)
    {
        ITreasury treasury = ITreasury(transfer.sourceTreasury);
        uint256 chain = transfer.destinationChain;
        address route = treasury.routeOf(transfer.asset, transfer.route);
        ITreasury.Lane memory lane = treasury.laneOf(route, chain);
        bool known = lane.treasury != address(0) && lane.treasury == transfer.destinationTreasury;
        require(known, TreasuryLens_NoWay(transfer.asset, transfer.route, chain));
        uint8 decimals = treasury.assetOf(transfer.asset).decimals;
        uint256 minimum = Decimals.convertUp(transfer.minReceived, lane.decimals, decimals);
        bytes32 id = TransferHash.idOf(transfer);
        result = IBridgeRoute(route).quote(IBridgeRoute.Cargo(id, chain, transfer.amount, minimum), options);
        result.least = Math.max(result.least, lane.least);
        uint256 most = Math.min(lane.most, treasury.available(LimitKeys.forAsset(route)));
        result.most = treasury.paused() || !lane.open ? 0 : Math.min(result.most, most);
    }

    /// @inheritdoc ITreasuryLens
    function positionsOf(address treasury, bytes32 asset) public view returns (Position[] memory positions) {
        address[] memory list = ITreasury(treasury).venuesOf(asset);
        positions = new Position[](list.length);
        // A list has at most 8 venues, and a bad one of them must stop the reading.
        // slither-disable-start calls-loop
        for (uint256 i = 0; i < list.length; ++i) {
            IERC4626 venue = IERC4626(list[i]);
            uint256 shares = venue.balanceOf(treasury);
            positions[i] = Position(list[i], shares, venue.convertToAssets(shares), venue.maxWithdraw(treasury));
        }
        // slither-disable-end calls-loop
    }
}
