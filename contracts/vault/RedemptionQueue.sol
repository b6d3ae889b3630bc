// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAssetController} from "../interfaces/IAssetController.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IRedemptionQueue} from "../interfaces/IRedemptionQueue.sol";
import {IERC7540Operator, IERC7540Redeem} from "../interfaces/external/IERC7540.sol";
import {IERC7575} from "../interfaces/external/IERC7575.sol";
import {Bps} from "../libraries/Bps.sol";

/// @title Redemptions that are larger than the vault's idle tokens
/// @dev Shares of 128 bits: a product of two of them fits a word, so shares of a batch need no wider arithmetic.
contract RedemptionQueue is IRedemptionQueue, AccessManaged, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev A controller's request in a batch. Its part of the batch's assets is in proportion to `shares`.
    struct Request {
        uint128 shares;
        uint128 claimedShares;
        uint128 claimedAssets;
    }

    /// @notice Longest time from a request until it is due.
    uint32 public constant HORIZON = 7 days;

    /// @notice Time for which a batch accepts requests.
    uint256 public constant BATCH_PERIOD = 1 days;

    /// @notice Most batches in which a controller can have requests, so that a claim is bounded.
    uint256 public constant MAX_BATCHES = 16;

    /// @dev Settlement units that are drawn in addition to the missing amount, since markets may round them away.
    uint256 private constant ROUNDING_ROOM = 2 * Bps.ROUNDING;

    /// @inheritdoc IRedemptionQueue
    address public immutable vault;
    /// @inheritdoc IERC7575
    address public immutable asset;
    /// @dev Shares of the vault that are one whole token at its first price.
    uint256 private immutable _wholeShare;

    /// @dev No older batch has open shares. This batch may itself have none.
    uint64 private _oldest = 1;
    uint64 private _latest;
    uint128 private _pendingShares;

    /// @inheritdoc IRedemptionQueue
    uint32 public notice = HORIZON;
    /// @inheritdoc IRedemptionQueue
    uint128 public minimumShares;

    mapping(uint256 requestId => Batch) private _batches;
    mapping(uint256 requestId => mapping(address controller => Request)) private _requests;
    // Written through storage pointers, in `_join` and `_forget`.
    // slither-disable-next-line uninitialized-state
    mapping(address controller => uint64[]) private _batchesOf;
    /// @inheritdoc IERC7540Operator
    mapping(address controller => mapping(address operator => bool)) public isOperator;

    modifier onlyFor(address account) {
        require(_actsFor(account), RedemptionQueue_Unauthorized(account, msg.sender));
        _;
    }

    // The vault is called in this constructor, so zero would revert.
    // slither-disable-next-line missing-zero-check
    constructor(address manager, address vault_) AccessManaged(manager) {
        vault = vault_;
        asset = ILiquidityVault(vault_).asset();
        _wholeShare = 10 ** ILiquidityVault(vault_).decimals();
        minimumShares = _wholeShare.toUint128();
        emit NoticeSet(HORIZON);
        emit MinimumSharesSet(minimumShares);
    }

    /// @inheritdoc IRedemptionQueue
    function requestRedeem(uint256 shares, address controller, address owner)
        external
        nonReentrant
        returns (uint256 requestId)
    {
        require(shares >= minimumShares, RedemptionQueue_BelowMinimum(shares, minimumShares));
        require(controller == owner || _actsFor(controller), RedemptionQueue_Unauthorized(controller, msg.sender));
        requestId = _join(controller, shares.toUint128());
        emit RedeemRequest(controller, owner, requestId, msg.sender, shares);
        // An operator needs no allowance; for others the vault uses up the allowance.
        ILiquidityVault(vault).escrow(owner, _actsFor(owner) ? owner : msg.sender, shares);
        ILiquidityVault(vault).setDue(_pendingShares);
    }

    /// @inheritdoc IRedemptionQueue
    function cancelRedeemRequest(uint256 requestId, address receiver, address controller)
        external
        nonReentrant
        onlyFor(controller)
        returns (uint256 shares)
    {
        Batch storage batch = _batches[requestId];
        shares = _requests[requestId][controller].shares;
        require(shares != 0, RedemptionQueue_NoRequest(requestId, controller));
        // No time is compared here.
        // slither-disable-next-line timestamp
        require(batch.fulfilled == 0, RedemptionQueue_FulfilmentBegun(requestId));
        _forget(requestId, controller);
        batch.shares -= uint128(shares);
        _pendingShares -= uint128(shares);
        emit RedeemRequestCancelled(controller, receiver, requestId, msg.sender, shares);
        ILiquidityVault(vault).setDue(_pendingShares);
        IERC20(vault).safeTransfer(receiver, shares);
    }

    /// @inheritdoc IRedemptionQueue
    function fulfil(uint256 maxShares) external nonReentrant returns (uint256 shares, uint256 assets) {
        return _fulfil(maxShares);
    }

    /// @inheritdoc IRedemptionQueue
    function serveOverdue(uint256 maxBatches) external nonReentrant returns (uint256 shares, uint256 assets) {
        uint256 left = overdueShares(maxBatches);
        require(left != 0, RedemptionQueue_NothingOverdue());
        // The lock excludes all others meanwhile; events report the results.
        // slither-disable-start reentrancy-events,calls-loop
        uint256 needed = _worth(left) + ROUNDING_ROOM;
        uint256 cash = IERC20(asset).balanceOf(vault);
        uint256 drawn = 0;
        if (cash < needed) {
            drawn = IAssetController(ILiquidityVault(vault).controller()).drawOverdue(needed - cash);
        }
        do {
            (uint256 served, uint256 paid) = _fulfil(left);
            (shares, assets, left) = (shares + served, assets + paid, left - served);
        } while (left != 0 && _isServable(left));
        emit OverdueServed(msg.sender, shares, assets, drawn);
        // slither-disable-end reentrancy-events,calls-loop
    }

    /// @inheritdoc IRedemptionQueue
    function claim(uint256 requestId, address receiver, address controller)
        external
        nonReentrant
        onlyFor(controller)
        returns (uint256 shares, uint256 assets)
    {
        (shares, assets) = _claimable(requestId, controller);
        require(shares != 0 || assets != 0, RedemptionQueue_NoRequest(requestId, controller));
        _take(requestId, receiver, controller, shares, assets);
        _pay(receiver, controller, shares, assets);
    }

    /// @inheritdoc IRedemptionQueue
    function redeem(uint256 shares, address receiver, address controller)
        external
        nonReentrant
        onlyFor(controller)
        returns (uint256 assets)
    {
        uint64[] memory ids = _batchesOf[controller];
        uint256 left = shares;
        for (uint256 i = 0; i < ids.length && left != 0; ++i) {
            (uint256 most, uint256 worth) = _claimable(ids[i], controller);
            if (most == 0) continue;
            uint256 part = Math.min(most, left);
            worth = worth * part / most;
            _take(ids[i], receiver, controller, part, worth);
            left -= part;
            assets += worth;
        }
        require(left == 0, RedemptionQueue_ExceededClaimable(controller, left));
        _pay(receiver, controller, shares, assets);
    }

    /// @inheritdoc IRedemptionQueue
    function withdraw(uint256 assets, address receiver, address controller)
        external
        nonReentrant
        onlyFor(controller)
        returns (uint256 shares)
    {
        uint64[] memory ids = _batchesOf[controller];
        uint256 left = assets;
        for (uint256 i = 0; i < ids.length && left != 0; ++i) {
            (uint256 units, uint256 most) = _claimable(ids[i], controller);
            if (most == 0) continue;
            uint256 part = Math.min(most, left);
            units = Math.ceilDiv(units * part, most);
            _take(ids[i], receiver, controller, units, part);
            left -= part;
            shares += units;
        }
        require(left == 0, RedemptionQueue_ExceededClaimable(controller, left));
        _pay(receiver, controller, shares, assets);
    }

    /// @inheritdoc IERC7540Operator
    function setOperator(address operator, bool approved) external returns (bool) {
        isOperator[msg.sender][operator] = approved;
        emit OperatorSet(msg.sender, operator, approved);
        return true;
    }

    /// @inheritdoc IRedemptionQueue
    function setNotice(uint32 newNotice) external restricted {
        require(newNotice <= HORIZON, RedemptionQueue_InvalidNotice(newNotice));
        notice = newNotice;
        emit NoticeSet(newNotice);
    }

    /// @inheritdoc IRedemptionQueue
    function setMinimumShares(uint128 newMinimumShares) external restricted {
        bool inside = newMinimumShares >= _wholeShare / 1_000 && newMinimumShares <= _wholeShare * 1_000;
        require(inside, RedemptionQueue_InvalidMinimum(newMinimumShares));
        minimumShares = newMinimumShares;
        emit MinimumSharesSet(newMinimumShares);
    }

    /// @inheritdoc IERC7575
    function deposit(uint256, address) external pure returns (uint256) {
        revert RedemptionQueue_NoDeposits();
    }

    /// @inheritdoc IERC7575
    function mint(uint256, address) external pure returns (uint256) {
        revert RedemptionQueue_NoDeposits();
    }

    /// @inheritdoc IERC7575
    function previewDeposit(uint256) external pure returns (uint256) {
        revert RedemptionQueue_NoDeposits();
    }

    /// @inheritdoc IERC7575
    function previewMint(uint256) external pure returns (uint256) {
        revert RedemptionQueue_NoDeposits();
    }

    /// @inheritdoc IERC7575
    function previewWithdraw(uint256) external pure returns (uint256) {
        revert RedemptionQueue_NoPreview();
    }

    /// @inheritdoc IERC7575
    function previewRedeem(uint256) external pure returns (uint256) {
        revert RedemptionQueue_NoPreview();
    }

    /// @inheritdoc IERC7575
    function maxDeposit(address) external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc IERC7575
    function maxMint(address) external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc IERC7575
    function maxWithdraw(address controller) external view returns (uint256 assets) {
        (, assets) = _allClaimable(controller);
    }

    /// @inheritdoc IERC7575
    function maxRedeem(address controller) external view returns (uint256 shares) {
        (shares,) = _allClaimable(controller);
    }

    /// @inheritdoc IERC7575
    function share() external view returns (address) {
        return vault;
    }

    /// @inheritdoc IERC7575
    function totalAssets() external view returns (uint256) {
        return ILiquidityVault(vault).totalAssets();
    }

    /// @inheritdoc IERC7575
    function convertToShares(uint256 assets) external view returns (uint256) {
        return ILiquidityVault(vault).convertToShares(assets);
    }

    /// @inheritdoc IERC7575
    function convertToAssets(uint256 shares) external view returns (uint256) {
        return ILiquidityVault(vault).convertToAssets(shares);
    }

    /// @inheritdoc IERC7540Redeem
    function pendingRedeemRequest(uint256 requestId, address controller) external view returns (uint256 shares) {
        shares = _requests[requestId][controller].shares;
        if (shares != 0) shares -= _fulfilledPart(_batches[requestId], shares);
    }

    /// @inheritdoc IERC7540Redeem
    function claimableRedeemRequest(uint256 requestId, address controller) external view returns (uint256 shares) {
        (shares,) = _claimable(requestId, controller);
    }

    /// @inheritdoc IRedemptionQueue
    function pendingShares() external view returns (uint256) {
        return _pendingShares;
    }

    /// @inheritdoc IRedemptionQueue
    function pendingRedemptions() external view returns (uint256) {
        return _worth(_pendingShares);
    }

    /// @inheritdoc IRedemptionQueue
    function dueWithin(uint256 horizon) external view returns (uint256) {
        // Nothing is due later than that.
        if (horizon >= HORIZON) return _worth(_pendingShares);
        uint256 limit = block.timestamp + horizon;
        uint256 waiting = 0;
        uint256 due = 0;
        for (uint256 id = _oldest; id <= _latest; ++id) {
            waiting += _openShares(id);
            // One day more or less does not matter.
            // slither-disable-next-line timestamp
            if (_batches[id].dueAt <= limit) due = waiting;
        }
        return _worth(due);
    }

    /// @inheritdoc IRedemptionQueue
    function overdueShares(uint256 maxBatches) public view returns (uint256 shares) {
        uint256 waiting = 0;
        for (uint256 id = _oldest; id <= _latest && maxBatches != 0; ++id) {
            uint256 open = _openShares(id);
            // slither-disable-next-line incorrect-equality
            if (open == 0) continue;
            waiting += open;
            --maxBatches;
            // One second more or less does not matter. Batches before an overdue one are paid first.
            // slither-disable-next-line timestamp
            if (_batches[id].dueAt < block.timestamp) shares = waiting;
        }
    }

    /// @inheritdoc IRedemptionQueue
    function batchOf(uint256 requestId) external view returns (Batch memory) {
        return _batches[requestId];
    }

    /// @inheritdoc IRedemptionQueue
    function batchesOf(address controller) external view returns (uint64[] memory) {
        return _batchesOf[controller];
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == type(IERC7575).interfaceId
            || interfaceId == type(IERC7540Operator).interfaceId || interfaceId == type(IERC7540Redeem).interfaceId;
    }

    /// @inheritdoc IRedemptionQueue
    /// @dev Batches without open shares are passed over: those fulfilled, and those cancelled, of which there is at
    /// most one for each `BATCH_PERIOD` since the last fulfilment.
    function oldestBatch() public view returns (uint256 requestId) {
        if (_pendingShares == 0) return 0;
        requestId = _oldest;
        while (_openShares(requestId) == 0) ++requestId;
    }

    /// @dev Redeems shares of the oldest batch, as many as idle tokens pay for.
    function _fulfil(uint256 maxShares) internal returns (uint256 shares, uint256 assets) {
        uint256 requestId = oldestBatch();
        require(requestId != 0, RedemptionQueue_NothingPending());
        Batch storage batch = _batches[requestId];
        uint256 open = batch.shares - batch.fulfilled;

        // The vault's answer and the receipt must be compared; the lock excludes all others meanwhile. The loop over
        // batches ends where idle tokens or the caller's shares do.
        // slither-disable-start reentrancy-balance,reentrancy-no-eth,reentrancy-benign,reentrancy-events,calls-loop
        uint256 cash = IERC20(asset).balanceOf(address(this));
        // slither-disable-next-line unused-return
        (shares,) = ILiquidityVault(vault).settle(Math.min(maxShares, open));
        uint256 least = Math.min(minimumShares, open);
        require(shares >= least, RedemptionQueue_TooLittle(shares, least));
        assets = IERC20(asset).balanceOf(address(this)) - cash;

        _oldest = uint64(requestId);
        batch.fulfilled += uint128(shares);
        batch.assets += assets.toUint128();
        _pendingShares -= uint128(shares);
        emit BatchFulfilled(requestId, shares, assets);
        ILiquidityVault(vault).setDue(_pendingShares);
        // slither-disable-end reentrancy-balance,reentrancy-no-eth,reentrancy-benign,reentrancy-events,calls-loop
    }

    /// @dev Adds to the controller's request in the batch of this time.
    function _join(address controller, uint128 shares) internal returns (uint256 requestId) {
        requestId = _currentBatch();
        _batches[requestId].shares += shares;
        _pendingShares += shares;
        Request storage request = _requests[requestId][controller];
        // slither-disable-next-line incorrect-equality
        if (request.shares == 0) {
            uint64[] storage ids = _batchesOf[controller];
            require(ids.length < MAX_BATCHES, RedemptionQueue_TooManyBatches(controller));
            ids.push(uint64(requestId));
        }
        request.shares += shares;
    }

    /// @dev The batch that accepts requests, opened if there is none. One that was emptied by cancellations starts
    /// again.
    function _currentBatch() internal returns (uint256 requestId) {
        requestId = _latest;
        Batch storage batch = _batches[requestId];
        bool empty = requestId != 0 && batch.shares == 0;
        // One second more or less does not matter.
        // slither-disable-next-line timestamp
        bool open = batch.shares != 0 && batch.fulfilled == 0 && block.timestamp < batch.openedAt + BATCH_PERIOD;
        if (open) return requestId;
        if (!empty) {
            requestId = ++_latest;
            batch = _batches[requestId];
        }
        (batch.openedAt, batch.dueAt) = (uint64(block.timestamp), uint64(block.timestamp + notice));
        emit BatchOpened(requestId, batch.dueAt);
    }

    /// @dev Books a claim in one batch, and removes the request when nothing more can be claimed.
    function _take(uint256 requestId, address receiver, address controller, uint256 shares, uint256 assets) internal {
        Request storage request = _requests[requestId][controller];
        request.claimedShares += uint128(shares);
        request.claimedAssets += uint128(assets);
        emit RedeemClaimed(controller, receiver, requestId, assets, shares);
        if (request.claimedShares != request.shares) return;
        (, uint256 left) = _claimable(requestId, controller);
        // slither-disable-next-line incorrect-equality
        if (left == 0) _forget(requestId, controller);
    }

    /// @dev Removes a request, and keeps the order of the others.
    function _forget(uint256 requestId, address controller) internal {
        delete _requests[requestId][controller];
        uint64[] storage ids = _batchesOf[controller];
        uint256 last = ids.length - 1;
        uint256 i = 0;
        while (ids[i] != requestId) ++i;
        for (; i < last; ++i) {
            ids[i] = ids[i + 1];
        }
        ids.pop();
    }

    /// @dev The last step of a claim.
    function _pay(address receiver, address controller, uint256 shares, uint256 assets) internal {
        emit Withdraw(msg.sender, receiver, controller, assets, shares);
        // Some tokens refuse transfers of 0.
        if (assets != 0) IERC20(asset).safeTransfer(receiver, assets);
    }

    function _actsFor(address account) internal view returns (bool) {
        return msg.sender == account || isOperator[account][msg.sender];
    }

    function _openShares(uint256 requestId) internal view returns (uint256) {
        Batch storage batch = _batches[requestId];
        return batch.shares - batch.fulfilled;
    }

    /// @dev Whether idle tokens pay for at least the minimum part of the oldest batch.
    function _isServable(uint256 maxShares) internal view returns (bool) {
        uint256 open = Math.min(_openShares(oldestBatch()), maxShares);
        uint256 least = Math.max(Math.min(minimumShares, open), 1);
        // The vault's own numbers, once for each batch.
        // slither-disable-next-line calls-loop
        return ILiquidityVault(vault).convertToShares(IERC20(asset).balanceOf(vault)) >= least;
    }

    /// @dev Amount that a controller can claim in a batch now.
    function _claimable(uint256 requestId, address controller) internal view returns (uint256 shares, uint256 assets) {
        Batch storage batch = _batches[requestId];
        Request storage request = _requests[requestId][controller];
        uint256 part = request.shares;
        if (part == 0) return (0, 0);
        shares = _fulfilledPart(batch, part) - request.claimedShares;
        assets = part * batch.assets / batch.shares - request.claimedAssets;
    }

    function _allClaimable(address controller) internal view returns (uint256 shares, uint256 assets) {
        uint64[] memory ids = _batchesOf[controller];
        for (uint256 i = 0; i < ids.length; ++i) {
            (uint256 more, uint256 worth) = _claimable(ids[i], controller);
            shares += more;
            assets += worth;
        }
    }

    function _fulfilledPart(Batch storage batch, uint256 part) internal view returns (uint256) {
        return part * batch.fulfilled / batch.shares;
    }

    /// @dev A preview of minting is the one that rounds up.
    function _worth(uint256 shares) internal view returns (uint256 assets) {
        return ILiquidityVault(vault).previewMint(shares);
    }
}
