// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRedemptionQueue} from "@ballast/interfaces/IRedemptionQueue.sol";
import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";
import {RedemptionQueue} from "@ballast/vault/RedemptionQueue.sol";

import {Feed} from "../doubles/Feed.sol";
import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {Ledger} from "../invariants/Ledger.sol";
import {Test} from "../support/Test.sol";

/// @title Facts that the handlers know besides the state of the chain
contract QueueBook {
    uint256 public supply;
    uint256 public received;
    uint256 public claimed;
    uint256 public givenShares;
    uint256 public givenTokens;
    mapping(uint256 requestId => uint256) public receivedBy;
    mapping(uint256 requestId => uint256) public fulfilledBy;

    constructor(uint256 supply_) {
        supply = supply_;
    }

    function minted(uint256 shares) external {
        supply += shares;
    }

    function burned(uint256 shares) external {
        supply -= shares;
    }

    function fulfilled(uint256 requestId, uint256 shares, uint256 assets) external {
        supply -= shares;
        received += assets;
        receivedBy[requestId] += assets;
        fulfilledBy[requestId] += shares;
    }

    function paid(uint256 assets) external {
        claimed += assets;
    }

    function gave(uint256 shares, uint256 tokens) external {
        givenShares += shares;
        givenTokens += tokens;
    }
}

struct QueueWorld {
    NoReturnToken usdt;
    LiquidityVault vault;
    RedemptionQueue queue;
    address controller;
    address l2;
    Strategy marketA;
    Strategy marketB;
    Feed[3] feeds;
    Ledger ledger;
    QueueBook book;
}

abstract contract QueueHandler is Test {
    uint256 internal constant ACTORS = 4;
    uint256 internal constant USD = 1e6;
    uint256 internal constant WHOLE = 1e12;
    uint256 internal constant VIRTUAL = 1e6;

    QueueWorld internal world;

    struct Look {
        uint256 total;
        uint256 supply;
    }

    constructor(QueueWorld memory world_) {
        world = world_;
    }

    /// @dev A6: no action of a user lowers the price of a share. A5: the supply changes only as recorded.
    modifier keepsThePrice(string memory what) {
        Look memory before = _look();
        _;
        Look memory current = _look();
        bool kept = (current.total + 1) * (before.supply + VIRTUAL) >= (before.total + 1) * (current.supply + VIRTUAL);
        world.ledger.check(kept, "A6");
        world.ledger.check(current.supply == world.book.supply(), "A5");
        world.ledger.count(what);
    }

    function actor(uint256 seed) public pure returns (address) {
        return address(uint160(0xAC70 + seed % ACTORS));
    }

    function _look() internal view returns (Look memory) {
        return Look(world.vault.totalAssets(), world.vault.totalSupply());
    }

    function _fresh() internal view returns (bool) {
        return world.vault.maxDeposit(address(this)) != 0;
    }

    function _give(address account, uint256 assets) internal {
        world.usdt.mint(account, assets);
        vm.startPrank(account);
        world.usdt.approve(address(world.vault), 0);
        world.usdt.approve(address(world.vault), assets);
        vm.stopPrank();
    }
}

/// @title Handler of deposits, and of withdrawals from idle tokens that are not due
contract DepositorHandler is QueueHandler {
    constructor(QueueWorld memory world_) QueueHandler(world_) {}

    function deposit(uint256 who, uint256 assets) external keepsThePrice("deposit") {
        if (!_fresh()) return;
        assets = bound(assets, 1, 100_000 * USD);
        _give(actor(who), assets);
        uint256 expected = world.vault.previewDeposit(assets);
        vm.prank(actor(who));
        uint256 shares = world.vault.deposit(assets, actor(who));
        world.ledger.check(shares >= expected, "A8");
        world.book.minted(shares);
    }

    function mint(uint256 who, uint256 shares) external keepsThePrice("mint") {
        if (!_fresh()) return;
        shares = bound(shares, 1, 100_000 * WHOLE);
        uint256 expected = world.vault.previewMint(shares);
        _give(actor(who), expected);
        vm.prank(actor(who));
        uint256 assets = world.vault.mint(shares, actor(who));
        world.ledger.check(assets <= expected, "A8");
        world.book.minted(shares);
    }

    function withdraw(uint256 who, uint256 assets) external keepsThePrice("withdraw") {
        uint256 most = world.vault.maxWithdraw(actor(who));
        if (!_fresh()) return;
        assets = bound(assets, 0, most);
        uint256 expected = world.vault.previewWithdraw(assets);
        uint256 reserve = _reserve();
        vm.prank(actor(who));
        try world.vault.withdraw(assets, actor(who), actor(who)) returns (uint256 shares) {
            world.ledger.check(shares <= expected, "A8");
            world.book.burned(shares);
        } catch {
            world.ledger.check(false, "D42");
        }
        world.ledger.check(assets == 0 || world.vault.idle() >= reserve, "reserve");
    }

    function redeem(uint256 who, uint256 shares) external keepsThePrice("redeem") {
        uint256 most = world.vault.maxRedeem(actor(who));
        if (!_fresh()) return;
        shares = bound(shares, 0, most);
        uint256 expected = world.vault.previewRedeem(shares);
        uint256 reserve = _reserve();
        vm.prank(actor(who));
        try world.vault.redeem(shares, actor(who), actor(who)) returns (uint256 assets) {
            world.ledger.check(assets >= expected, "A8");
            world.ledger.check(assets == 0 || world.vault.idle() >= reserve, "reserve");
            world.book.burned(shares);
        } catch {
            world.ledger.check(false, "D42");
        }
    }

    /// @dev A7: deposit and immediate redemption, as far as it is paid.
    function roundTrip(uint256 who, uint256 assets) external keepsThePrice("round trip") {
        if (!_fresh()) return;
        assets = bound(assets, 1, 100_000 * USD);
        _give(actor(who), assets);
        vm.startPrank(actor(who));
        uint256 shares = world.vault.deposit(assets, actor(who));
        uint256 most = world.vault.maxRedeem(actor(who));
        uint256 back = shares < most ? shares : most;
        uint256 returned = world.vault.redeem(back, actor(who), actor(who));
        vm.stopPrank();
        world.ledger.check(returned * shares <= assets * back, "A7");
        world.book.minted(shares);
        world.book.burned(back);
    }

    function transfer(uint256 from, uint256 to, uint256 shares) external {
        shares = bound(shares, 0, world.vault.balanceOf(actor(from)));
        vm.prank(actor(from));
        world.vault.transfer(actor(to), shares);
    }

    function _reserve() internal view returns (uint256) {
        return world.vault.previewMint(world.vault.dueShares());
    }
}

/// @title Handler of requests, cancellations and claims, by controllers and their operators
contract RequesterHandler is QueueHandler {
    constructor(QueueWorld memory world_) QueueHandler(world_) {}

    function request(uint256 who, uint256 shares) external keepsThePrice("request") {
        address account = actor(who);
        uint256 most = world.vault.balanceOf(account);
        if (most < WHOLE) return;
        shares = bound(shares, WHOLE, most);
        bool full = world.queue.batchesOf(account).length == 16;
        vm.prank(account);
        // A request needs neither a price nor keepers; it must be accepted with stale prices and while paused.
        try world.queue.requestRedeem(shares, account, account) {}
        catch {
            world.ledger.check(full, "request");
        }
    }

    function requestFor(uint256 who, uint256 by, uint256 shares, uint256 way) external keepsThePrice("request for") {
        (address owner, address caller) = (actor(who), actor(by));
        uint256 most = world.vault.balanceOf(owner);
        if (most < WHOLE || owner == caller) return;
        shares = bound(shares, WHOLE, most);
        uint256 allowed = way % 3 == 0 ? shares : way % 3 == 1 ? shares - 1 : 0;
        vm.prank(owner);
        world.vault.approve(caller, allowed);
        bool may = world.queue.isOperator(owner, caller) || allowed == shares;
        vm.prank(caller);
        try world.queue.requestRedeem(shares, caller, owner) {
            world.ledger.check(may, "authority");
            world.ledger.count("requested for another");
        } catch {}
        vm.prank(owner);
        world.vault.approve(caller, 0);
    }

    function setOperator(uint256 who, uint256 by, bool approved) external {
        vm.prank(actor(who));
        world.queue.setOperator(actor(by), approved);
    }

    function cancel(uint256 who, uint256 by, uint256 which) external keepsThePrice("cancel") {
        (address account, address caller) = (actor(who), actor(by));
        uint256 id = _batch(account, which);
        if (id == 0) return;
        uint256 shares = world.queue.pendingRedeemRequest(id, account);
        uint256 held = world.vault.balanceOf(caller);
        bool may = _may(account, caller) && world.queue.batchOf(id).fulfilled == 0;
        vm.prank(caller);
        try world.queue.cancelRedeemRequest(id, caller, account) returns (uint256 returned) {
            world.ledger.check(may, "authority");
            world.ledger.check(returned == shares && world.vault.balanceOf(caller) == held + shares, "cancel");
            world.ledger.count("cancelled");
        } catch {
            world.ledger.check(!may, "cancel");
        }
    }

    function claim(uint256 who, uint256 by, uint256 which) external keepsThePrice("claim") {
        (address account, address caller) = (actor(who), actor(by));
        uint256 id = _batch(account, which);
        if (id == 0) return;
        uint256 shares = world.queue.claimableRedeemRequest(id, account);
        bool may = _may(account, caller) && shares != 0;
        vm.prank(caller);
        try world.queue.claim(id, caller, account) returns (uint256, uint256 assets) {
            world.ledger.check(_may(account, caller), "authority");
            world.book.paid(assets);
            world.ledger.count("claimed");
        } catch {
            world.ledger.check(!may, "D42");
        }
    }

    function redeem(uint256 who, uint256 by, uint256 shares) external keepsThePrice("redeem claim") {
        (address account, address caller) = (actor(who), actor(by));
        uint256 most = world.queue.maxRedeem(account);
        shares = bound(shares, 0, most + 1);
        bool may = _may(account, caller) && shares <= most;
        uint256 worth = world.queue.maxWithdraw(account);
        vm.prank(caller);
        try world.queue.redeem(shares, caller, account) returns (uint256 assets) {
            world.ledger.check(may && assets <= worth, "authority");
            world.book.paid(assets);
            if (assets != 0) world.ledger.count("redeemed");
        } catch {
            world.ledger.check(!may, "D42");
        }
    }

    function withdraw(uint256 who, uint256 by, uint256 assets) external keepsThePrice("withdraw claim") {
        (address account, address caller) = (actor(who), actor(by));
        uint256 most = world.queue.maxWithdraw(account);
        assets = bound(assets, 0, most + 1);
        bool may = _may(account, caller) && assets <= most;
        uint256 units = world.queue.maxRedeem(account);
        vm.prank(caller);
        try world.queue.withdraw(assets, caller, account) returns (uint256 shares) {
            world.ledger.check(may && shares <= units, "authority");
            world.book.paid(assets);
            if (assets != 0) world.ledger.count("withdrawn");
        } catch {
            world.ledger.check(!may, "D42");
        }
    }

    function _may(address account, address caller) internal view returns (bool) {
        return account == caller || world.queue.isOperator(account, caller);
    }

    /// @dev Returns one of the controller's batches.
    function _batch(address account, uint256 which) internal view returns (uint256) {
        uint64[] memory ids = world.queue.batchesOf(account);
        return ids.length == 0 ? 0 : ids[which % ids.length];
    }
}

/// @title Handler of an account without rights: fulfils, donates, and tries forbidden calls
contract OutsiderHandler is QueueHandler {
    address private constant OUTSIDER = address(0xBAD);

    constructor(QueueWorld memory world_) QueueHandler(world_) {}

    function fulfil(uint256 maxShares, bool bounded) external keepsThePrice("fulfil") {
        uint256 id = world.queue.oldestBatch();
        if (id == 0) return;
        IRedemptionQueue.Batch memory batch = world.queue.batchOf(id);
        uint256 open = batch.shares - batch.fulfilled;
        maxShares = bounded ? bound(maxShares, 0, open) : type(uint256).max;
        Look memory before = _look();
        uint256 expected = _expected(before, open < maxShares ? open : maxShares);
        bool works = _fresh() && expected != 0 && expected >= (open < WHOLE ? open : WHOLE);
        vm.prank(OUTSIDER);
        try world.queue.fulfil(maxShares) returns (uint256 shares, uint256 assets) {
            world.ledger.check(works && shares == expected, "fulfil");
            // D40: a redeemer receives its part of the remaining assets, to the unit.
            bool fair = assets == shares * (before.total + 1) / (before.supply + VIRTUAL);
            world.ledger.check(fair, "D40");
            world.ledger.check(_allOlderAreDone(id), "first in, first out");
            world.book.fulfilled(id, shares, assets);
            world.ledger.count(batch.fulfilled == 0 ? "fulfilled" : "fulfilled further");
        } catch {
            world.ledger.check(!works, "D42");
        }
    }

    function giveTokens(uint256 amount, bool toQueue) external {
        amount = bound(amount, 1, 1_000 * USD);
        world.usdt.mint(toQueue ? address(world.queue) : address(world.vault), amount);
        if (toQueue) world.book.gave(0, amount);
    }

    function giveShares(uint256 who, uint256 shares) external keepsThePrice("give shares") {
        uint256 most = world.vault.balanceOf(actor(who)) / 100;
        shares = bound(shares, 0, most);
        vm.prank(actor(who));
        world.vault.transfer(address(world.queue), shares);
        world.book.gave(shares, 0);
    }

    function trespass(uint256 who, uint256 id, uint256 shares) external keepsThePrice("trespass") {
        address account = actor(who);
        (RedemptionQueue queue, LiquidityVault vault) = (world.queue, world.vault);
        shares = bound(shares, 1, 1e30);
        vm.startPrank(OUTSIDER);
        _mustFail(address(queue), abi.encodeCall(queue.requestRedeem, (shares, OUTSIDER, account)));
        _mustFail(address(queue), abi.encodeCall(queue.cancelRedeemRequest, (id % 40, OUTSIDER, account)));
        _mustFail(address(queue), abi.encodeCall(queue.claim, (id % 40, OUTSIDER, account)));
        _mustFail(address(queue), abi.encodeCall(queue.redeem, (shares, OUTSIDER, account)));
        _mustFail(address(queue), abi.encodeCall(queue.withdraw, (shares, OUTSIDER, account)));
        _mustFail(address(vault), abi.encodeCall(vault.escrow, (account, account, shares)));
        _mustFail(address(vault), abi.encodeCall(vault.setDue, (shares)));
        _mustFail(address(vault), abi.encodeCall(vault.settle, (shares)));
        _mustFail(address(vault), abi.encodeCall(vault.setQueue, (OUTSIDER)));
        vm.stopPrank();
    }

    function _mustFail(address target, bytes memory data) internal {
        (bool done,) = target.call(data);
        world.ledger.check(!done, "authority");
    }

    /// @dev Returns how many of the `wanted` shares the idle tokens can pay.
    function _expected(Look memory look, uint256 wanted) internal view returns (uint256) {
        uint256 most = world.vault.idle() * (look.supply + VIRTUAL) / (look.total + 1);
        return wanted < most ? wanted : most;
    }

    function _allOlderAreDone(uint256 id) internal view returns (bool) {
        while (--id != 0) {
            IRedemptionQueue.Batch memory batch = world.queue.batchOf(id);
            if (batch.shares != batch.fulfilled) return false;
        }
        return true;
    }
}

/// @title Handler of gains, losses, liquidity, failing strategies and time
contract MarketHandler is QueueHandler {
    constructor(QueueWorld memory world_) QueueHandler(world_) {}

    function result(uint256 amount, bool gain) external {
        uint256 most = world.marketA.totalAssets() / 50;
        if (most == 0) return;
        amount = bound(amount, 1, most);
        if (gain) world.usdt.mint(address(world.marketA), amount);
        else world.marketA.lose(amount);
    }

    /// @dev Moves tokens into L1, as a keeper would.
    function refill(uint256 amount) external {
        uint256 most = world.marketA.maxWithdraw(world.l2);
        if (most == 0) return;
        amount = bound(amount, 1, most);
        vm.prank(world.l2);
        world.marketA.withdraw(amount, address(world.vault), world.l2);
        world.ledger.count("refill");
    }

    /// @dev Moves tokens out of L1, as a keeper would.
    function drain(uint256 amount) external {
        amount = bound(amount, 0, world.vault.idle());
        vm.prank(world.controller);
        world.vault.supply(world.marketA, amount, world.l2);
        world.ledger.count("drain");
    }

    function strategyFails(uint256 seed) external {
        bool fails = seed % 3 == 0;
        world.marketA.setWithdrawalsPaused(fails);
        world.marketB.setMood(fails ? Strategy.Mood.Bombs : Strategy.Mood.Honest, 0);
    }

    function passTime(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 36 hours));
        // Usually the feeds are updated.
        if (time % 6 == 0) return;
        for (uint256 i = 0; i < world.feeds.length; ++i) {
            world.feeds[i].set(world.feeds[i].answer());
        }
    }
}
