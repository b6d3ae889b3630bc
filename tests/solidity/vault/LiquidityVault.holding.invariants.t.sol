// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";
import {RedemptionQueue} from "@ballast/vault/RedemptionQueue.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {System} from "../support/System.sol";
import {Test} from "../support/Test.sol";

/// @title Handler of three people who deposit for themselves and others, and leave in every way
contract HoldingHandler is Test {
    uint256 public constant PEOPLE = 3;
    uint256 private constant MOST = 500_000e6;

    struct Minted {
        uint256 time;
        uint256 shares;
    }

    LiquidityVault private immutable vault;
    RedemptionQueue private immutable queue;
    NoReturnToken private immutable usdt;
    mapping(address owner => Minted[]) private minted;

    constructor(LiquidityVault vault_, RedemptionQueue queue_, NoReturnToken usdt_) {
        (vault, queue, usdt) = (vault_, queue_, usdt_);
    }

    function person(uint256 seed) public pure returns (address) {
        return address(uint160(0xFACE0 + seed % PEOPLE));
    }

    /// @notice Returns the shares minted to an owner within the last `age` seconds.
    function younger(address owner, uint256 age) external view returns (uint256 shares) {
        for (uint256 i = 0; i < minted[owner].length; ++i) {
            Minted memory one = minted[owner][i];
            if (block.timestamp < one.time + age) shares += one.shares;
        }
    }

    function deposit(uint256 from, uint256 to, uint256 assets) external {
        address giver = person(from);
        assets = bound(assets, 1, MOST);
        usdt.mint(giver, assets);
        vm.prank(giver);
        usdt.approve(address(vault), assets);
        vm.prank(giver);
        uint256 shares = vault.deposit(assets, person(to));
        minted[person(to)].push(Minted(block.timestamp, shares));
    }

    function transfer(uint256 from, uint256 to, uint256 shares) external {
        shares = bound(shares, 0, vault.balanceOf(person(from)));
        vm.prank(person(from));
        vault.transfer(person(to), shares);
    }

    function redeem(uint256 who, uint256 shares) external {
        shares = bound(shares, 0, vault.maxRedeem(person(who)));
        vm.prank(person(who));
        vault.redeem(shares, person(who), person(who));
    }

    function request(uint256 who, uint256 shares) external {
        shares = bound(shares, 0, vault.balanceOf(person(who)));
        vm.prank(person(who));
        queue.requestRedeem(shares, person(who), person(who));
    }

    function cancel(uint256 who, uint256 to) external {
        uint64[] memory ids = queue.batchesOf(person(who));
        if (ids.length == 0) return;
        vm.prank(person(who));
        queue.cancelRedeemRequest(ids[0], person(to), person(who));
    }

    function fulfil() external {
        queue.fulfil(type(uint256).max);
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 1 hours));
    }
}

/// @title Shares are locked for the holding time, for twice that at most, and never more than the owner has
contract LiquidityVaultHoldingInvariants is System {
    uint32 private constant HOUR = 1 hours;
    HoldingHandler private handler;

    function setUp() public override {
        super.setUp();
        vault.setHoldingTime(HOUR);
        handler = new HoldingHandler(vault, queue, usdt);
    }

    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(handler);
    }

    function invariant_H1__locked__isWhatIsFreshAndThere() external view {
        for (uint256 i = 0; i < handler.PEOPLE(); ++i) {
            address owner = handler.person(i);
            (uint256 locked, uint256 until) = vault.lockedShares(owner);
            assertGe(locked, handler.younger(owner, HOUR), "for the holding time");
            assertLe(locked, handler.younger(owner, 2 * HOUR), "for twice as long at most");
            assertLe(locked, vault.balanceOf(owner), "what is locked is there");
            assertLe(until, block.timestamp + 2 * HOUR, "until");
        }
    }
}
