// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Limits on flows, refilled continuously
/// @notice Each limit is a bucket under a key. It starts empty, fills at a constant rate of `cap` per `period` up to
/// `cap`, and is emptied by consumption. So over any interval of `t` seconds, wherever it begins, at most `cap + cap *
/// t / period` passes, and no edge of a window admits twice the cap.
///
/// - A key without a limit refuses everything, and so does a limit lowered to 0.
/// - Configuration never refills: the amount available afterwards is at most the amount available before, and at most
/// the new cap.
/// - Tightening and loosening are separate functions, so that tightening can be instant and loosening slow.
///
/// A key is its kind in the highest byte and its subject in the lowest twenty; the bytes between are zero.
interface IRateLimits {
    /// @notice Subject of a limit. `Auto`, `Derisk` and `Asset` have a subject. `LossReduce` has a keeper, or none for
    /// the reserve of approved plans. The others have none.
    enum Kind {
        None,
        Auto,
        Derisk,
        Asset,
        LossAdd,
        LossReduce,
        SingleApproved,
        LossOverdue
    }

    /// @notice One limit, in one storage slot. It counts in units of `10 ** exp` base units of its token.
    /// @param cap Most that can be available, in units; 0 refuses.
    /// @param level Level at `last`, in units times seconds: a unit costs `period`. So a second adds exactly `cap`, and
    /// nothing is lost to rounding, however often the limit is consumed.
    /// @param last When `level` was written.
    /// @param period Seconds in which an empty bucket fills; 0 when the limit was never set.
    /// @param exp Decimals of the token that the count leaves out.
    struct Bucket {
        uint72 cap;
        uint104 level;
        uint40 last;
        uint32 period;
        uint8 exp;
    }

    /// @notice A limit was set, raised or lowered. `cap` in base units.
    event LimitSet(bytes32 indexed key, uint256 cap, uint32 period, uint8 exp);

    /// @notice `amount` was consumed, in base units, rounded up to the limit's unit.
    event LimitConsumed(bytes32 indexed key, uint256 amount);

    /// @notice `amount`, in base units, was consumed in the same call and not used, and so returned, up to the cap.
    event LimitRefunded(bytes32 indexed key, uint256 amount);

    /// @notice The key has no limit, or one that was lowered to 0: it admits nothing.
    error RateLimits_NotSet(bytes32 key);

    /// @notice The limit admits `left` now, in base units, and not `amount`.
    error RateLimits_Exceeded(bytes32 key, uint256 amount, uint256 left);

    /// @notice More was used than was consumed.
    error RateLimits_UsedMoreThanConsumed(bytes32 key, uint256 used, uint256 consumed);

    /// @notice The key is of no known kind, or has a subject that its kind does not have, or lacks one.
    error RateLimits_InvalidKey(bytes32 key);

    /// @notice The cap is 0, too large, or no multiple of the unit; the period is 0; or the unit is too large or not
    /// the one that the limit already has.
    error RateLimits_InvalidLimit(bytes32 key, uint256 cap, uint32 period, uint8 exp);

    /// @notice The cap or the rate would rise, or the period is 0.
    error RateLimits_NotLowered(bytes32 key, uint256 cap, uint32 period);

    /// @notice Sets a limit, or changes it in any direction. A new limit starts empty; an old one keeps its available
    /// amount, up to the new cap.
    /// @dev Who: the configurator's role. Emits `LimitSet`. Reverts with `RateLimits_InvalidKey` and
    /// `RateLimits_InvalidLimit`.
    /// @param cap Base units; a multiple of `10 ** exp`.
    /// @param period Seconds in which an empty bucket fills.
    /// @param exp Fixed once set. With 0 for tokens of 6 and 8 decimals, and 12 for 18, there is room for trillions.
    function raiseLimit(bytes32 key, uint256 cap, uint32 period, uint8 exp) external;

    /// @notice Lowers the cap, the rate, or both, at once. With a cap of 0 the key refuses everything.
    /// @dev Who: the guardian's role. Emits `LimitSet`. Reverts with `RateLimits_NotSet` when it was never set, and
    /// with `RateLimits_NotLowered`.
    /// @param cap Base units; rounded down to the limit's unit.
    /// @param period Seconds in which an empty bucket fills. It may be shorter only if the rate does not rise.
    function lowerLimit(bytes32 key, uint256 cap, uint32 period) external;

    /// @notice Amount that the limit admits now, in base units, rounded down to its unit; 0 when it is not set.
    function available(bytes32 key) external view returns (uint256);

    /// @notice The limit as it is stored; all zero when it was never set. `level` is as of `last`.
    function bucketOf(bytes32 key) external view returns (Bucket memory);
}
