// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "./IPlanLedger.sol";
import {IRateLimits} from "./IRateLimits.sol";

/// @title The team's stablecoins on one chain, moved between chains
/// @notice Each chain has one treasury. A transfer has an id, the hash of all its terms, which both sides compute
/// independently; each of its legs (sent, received, invested, divested) happens at most once on a chain. A keeper is an
/// account that owns limits here; it chooses what to do and when. Whoever holds the keeper's key, the contract
/// enforces:
///
/// - funds go only to the treasury of another chain, by a route and to a counterpart that the configurator has fixed,
/// and to listed ERC-4626 venues;
/// - amounts that leave by a route or into a venue consume its limit, and without an approved plan the keeper's own
/// limit too, and are between the bounds of their lane;
/// - a transfer arrives with at least its minimum, and an investment loses at most its bound;
/// - credited amounts have arrived, and are credited once.
///
/// An approved plan covers amounts above the size bands: each action names the transfer's id. A pause stops departures
/// and voids plans; arrivals and divestments go on. The deployment's kill switch does the same for all contracts that
/// read it, and an account that it has removed is no longer a keeper, whatever limits and plans it has.
///
/// Limits have these keys: a keeper's automatic and risk-reducing ones, in US dollars of six decimals; and those of the
/// asset kind, whose subject is a route or a venue, in the units of the token.
interface ITreasury is IRateLimits {
    /// @notice Legs of a transfer on one chain.
    enum Leg {
        Sent,
        Received,
        Invested,
        Divested
    }

    /// @notice Verbs of a plan's actions. `Send`: asset is the token, minOut the transfer's `minReceived`. `Invest`:
    /// asset is the venue, minOut the least shares. `Divest`: asset is the venue, minOut the most shares. The data hash
    /// is the transfer's id.
    enum Verb {
        None,
        Send,
        Invest,
        Divest
    }

    /// @notice All terms of a transfer; its id is `keccak256(abi.encode(transfer))`.
    /// @param asset Its name on all chains, such as "USDC", in the highest bytes.
    /// @param amount Amount that leaves, in units of the source's token.
    /// @param minReceived Least amount that arrives, in units of the destination's token.
    /// @param route Its name on all chains, such as "CCTP".
    /// @param nonce Any number that makes the terms unique.
    struct Transfer {
        uint256 sourceChain;
        address sourceTreasury;
        uint256 destinationChain;
        address destinationTreasury;
        bytes32 asset;
        uint256 amount;
        uint256 minReceived;
        bytes32 route;
        uint256 nonce;
    }

    /// @notice Time of each leg on this chain; 0 if it has not happened.
    struct Legs {
        uint40 sent;
        uint40 received;
        uint40 invested;
        uint40 divested;
    }

    /// @notice A stablecoin of this treasury.
    struct Asset {
        address token;
        uint8 decimals;
    }

    /// @notice A route to one other chain. Treasury and decimals are fixed once set.
    /// @param treasury The treasury there.
    /// @param decimals Of the token there.
    /// @param open Whether anything may leave by it. Arrivals do not depend on it.
    /// @param maxFeeBps Most that may be lost on the way, in basis points of the amount.
    /// @param least Least amount of a transfer, in units of the token here.
    /// @param most Most amount of a transfer, likewise.
    struct Lane {
        address treasury;
        uint8 decimals;
        bool open;
        uint16 maxFeeBps;
        uint128 least;
        uint128 most;
    }

    /// @notice An ERC-4626 vault in which an asset may be invested.
    /// @param open Whether deposits are allowed. Withdrawals are always allowed.
    /// @param maxLossBps Most that a deposit or withdrawal may lose, in basis points of the amount.
    struct Venue {
        bytes32 asset;
        bool open;
        uint16 maxLossBps;
    }

    /// @notice Sizes from which approvals are needed, in US dollars of six decimals.
    /// @param singleAbove Above it, one.
    /// @param dualAbove Above it, two.
    /// @param maxPlanLife Seconds from the opening of a plan to its deadline, at most.
    struct Bands {
        uint96 singleAbove;
        uint96 dualAbove;
        uint32 maxPlanLife;
    }

    /// @notice Index of an action in an open plan. The other terms of the action are those of the call.
    struct Ticket {
        IPlanLedger.Header header;
        bytes32[] leaves;
        uint8 index;
        uint64 dependsOn;
    }

    /// @notice A transfer was sent.
    event TransferSent(
        bytes32 indexed id, bytes32 indexed asset, bytes32 indexed route, address keeper, Transfer transfer
    );

    /// @notice A transfer arrived with `received`, in units of the token here.
    event TransferReceived(bytes32 indexed id, bytes32 indexed asset, bytes32 indexed route, uint256 received);

    /// @notice Idle tokens went into a venue.
    event Invested(bytes32 indexed id, address indexed venue, address indexed keeper, uint256 amount, uint256 shares);

    /// @notice Tokens came back from a venue.
    event Divested(bytes32 indexed id, address indexed venue, address indexed keeper, uint256 received, uint256 shares);

    /// @notice A plan was opened with the approvals it needs. `size` in US dollars of six decimals.
    event PlanAccepted(bytes32 indexed planHash, address indexed keeper, uint256 size);

    /// @notice An asset was added.
    event AssetAdded(bytes32 indexed asset, address token, uint8 decimals);

    /// @notice A route for an asset was added.
    event RouteAdded(bytes32 indexed asset, bytes32 indexed name, address route);

    /// @notice A lane was set, or closed.
    event LaneSet(address indexed route, uint256 indexed chain, Lane lane);

    /// @notice A venue was listed, changed or closed.
    event VenueSet(address indexed venue, Venue terms);

    /// @notice A venue was removed from the list.
    event VenueRemoved(address indexed venue);

    /// @notice The size bands were set.
    event BandsSet(Bands bands);

    /// @notice The configurator took tokens out.
    event Released(address indexed token, address indexed to, uint256 amount);

    /// @notice Departures are stopped here, and a new epoch has begun.
    /// @param account Guardian that paused.
    /// @param epoch The new epoch: the pauses of this treasury and of the kill switch so far.
    event Paused(address indexed account, uint32 epoch);

    /// @notice Departures are admitted again.
    event Unpaused(address indexed account);

    /// @notice The ledger has no code.
    error Treasury_InvalidLedger(address ledger);

    /// @notice The kill switch has no code.
    /// @param killSwitch Address that was given.
    error Treasury_InvalidKillSwitch(address killSwitch);

    /// @notice The kill switch has removed the caller.
    /// @param caller Account that is no longer a keeper.
    error Treasury_KeeperRemoved(address caller);

    /// @notice The transfer does not start (to send it) or end (to receive it) here.
    error Treasury_NotHere(uint256 chain, address treasury);

    /// @notice The leg of this transfer has already happened.
    error Treasury_LegDone(bytes32 id, Leg leg);

    /// @notice The asset does not exist.
    error Treasury_UnknownAsset(bytes32 asset);

    /// @notice The asset has no such route.
    error Treasury_UnknownRoute(bytes32 asset, bytes32 route);

    /// @notice The route does not lead to or from that treasury.
    error Treasury_UnknownLane(address route, uint256 chain, address treasury);

    /// @notice The lane is closed to departures.
    error Treasury_LaneClosed(address route, uint256 chain);

    /// @notice The amount is not between the lane's bounds.
    error Treasury_AmountOutOfBounds(uint256 amount, uint256 least, uint256 most);

    /// @notice The minimum is below the one that the lane's bound on fees admits, or above the amount.
    error Treasury_InvalidMinimum(uint256 minimum, uint256 least, uint256 most);

    /// @notice Nothing arrived.
    error Treasury_NothingReceived(bytes32 id);

    /// @notice The venue is not on the list.
    error Treasury_UnknownVenue(address venue);

    /// @notice The venue is closed to deposits.
    error Treasury_VenueClosed(address venue);

    /// @notice Nothing to move.
    error Treasury_ZeroAmount();

    /// @notice Fewer shares than requested, or more than offered.
    error Treasury_OtherShares(address venue, uint256 shares, uint256 bound);

    /// @notice The venue took or gave another amount than requested, or a route received another amount: the token
    /// charges a fee.
    /// @param account Venue or route.
    /// @param moved Amount that the balance changed by.
    /// @param amount Requested amount.
    error Treasury_OtherAmount(address account, uint256 moved, uint256 amount);

    /// @notice The move would lose more than the venue's bound admits.
    error Treasury_ExcessiveLoss(address venue, uint256 lost, uint256 allowed);

    /// @notice The size needs an approved plan.
    error Treasury_NeedsPlan(uint256 size, uint256 approvals);

    /// @notice The plan has fewer approvals than its size needs; at least one.
    error Treasury_NotApproved(bytes32 planHash, uint256 approvals, uint256 needed);

    /// @notice The plan lives too long.
    error Treasury_PlanTooLong(uint256 deadline, uint256 latest);

    /// @notice The action's verb is unknown to this treasury.
    error Treasury_UnknownVerb(uint256 index, uint8 verb);

    /// @notice The caller owns no limits.
    error Treasury_NotKeeper(address caller);

    /// @notice Departures are stopped, here or by the kill switch.
    error Treasury_Paused();

    /// @notice The treasury is not paused itself.
    error Treasury_NotPaused();

    /// @notice The name is zero or taken, the token is taken or has fewer than 6 or more than 18 decimals.
    error Treasury_InvalidAsset(bytes32 asset, address token);

    /// @notice The name is zero or taken, or the route is another treasury's or of another token.
    error Treasury_InvalidRoute(bytes32 name, address route);

    /// @notice The lane leads nowhere or here, its treasury or decimals differ from those first set, or its bounds are
    /// invalid: a fee above 5 %, or `most` below `least`.
    error Treasury_InvalidLane(address route, uint256 chain);

    /// @notice The vault is of another token, the list is full, the asset differs from the one first set, or the loss
    /// is above 10 %.
    error Treasury_InvalidVenue(address venue);

    /// @notice Two approvals would be needed below the size for one, a plan could live longer than a week, or the bands
    /// are to be lowered and are not lower.
    error Treasury_InvalidBands();

    /// @notice Sends a transfer whose size needs no approval. Coins sent along pay the bridge; the rest comes back.
    /// @dev Who: keepers. Consumes the keeper's automatic limit and the route's. Emits `TransferSent`. Reverts with
    /// `Treasury_NeedsPlan`, `Treasury_Paused`, `Treasury_NotHere`, `Treasury_UnknownAsset`, `Treasury_UnknownRoute`,
    /// `Treasury_UnknownLane`, `Treasury_LaneClosed`, `Treasury_AmountOutOfBounds`, `Treasury_InvalidMinimum`,
    /// `Treasury_LegDone`, `Treasury_KeeperRemoved`, `Treasury_OtherAmount`, `RateLimits_NotSet`,
    /// `RateLimits_Exceeded`, and with the route's errors.
    /// @param options Options that the route leaves to the keeper, within its bounds.
    function sendToBridge(Transfer calldata transfer, bytes calldata options) external payable returns (bytes32 id);

    /// @notice Sends a transfer of an approved plan.
    /// @dev Who: the plan's keeper. Consumes the route's limit. Emits and reverts as `sendToBridge`, but for
    /// `Treasury_NeedsPlan`; and with the ledger's errors.
    function sendApproved(Transfer calldata transfer, bytes calldata options, Ticket calldata ticket)
        external
        payable
        returns (bytes32 id);

    /// @notice Receives the amount that has arrived for a transfer.
    /// @dev Who: anybody where the route proves for which transfer it is, else keepers. Emits `TransferReceived`.
    /// Reverts with `Treasury_NotHere`, `Treasury_UnknownAsset`, `Treasury_UnknownRoute`, `Treasury_UnknownLane`,
    /// `Treasury_NotKeeper`, `Treasury_LegDone`, `Treasury_NothingReceived`, and with the route's errors.
    /// @param proof In the route's encoding.
    function receiveFromBridge(Transfer calldata transfer, bytes calldata proof) external returns (uint256 received);

    /// @notice Invests idle tokens in a venue, if the size needs no approval.
    /// @dev Who: keepers. Consumes the keeper's automatic limit and the venue's. Emits `Invested`. Reverts with
    /// `Treasury_NeedsPlan`, `Treasury_Paused`, `Treasury_ZeroAmount`, `Treasury_UnknownVenue`, `Treasury_VenueClosed`,
    /// `Treasury_LegDone`, `Treasury_OtherAmount`, `Treasury_OtherShares`, `Treasury_ExcessiveLoss`,
    /// `Treasury_KeeperRemoved`, `RateLimits_NotSet` and `RateLimits_Exceeded`.
    /// @param id Id of the transfer that it completes, or any id that was not invested here.
    function invest(bytes32 id, address venue, uint256 amount, uint256 minShares) external returns (uint256 shares);

    /// @notice Invests idle tokens in a venue, by an approved plan.
    /// @dev Who: the plan's keeper. Consumes the venue's limit. Emits and reverts as `invest`, but for
    /// `Treasury_NeedsPlan`; and with the ledger's errors.
    function investApproved(bytes32 id, address venue, uint256 amount, uint256 minShares, Ticket calldata ticket)
        external
        returns (uint256 shares);

    /// @notice Withdraws tokens from a venue.
    /// @dev Who: keepers. Consumes the keeper's risk-reducing limit. Emits `Divested`. Reverts with
    /// `Treasury_ZeroAmount`, `Treasury_UnknownVenue`, `Treasury_LegDone`, `Treasury_OtherAmount`,
    /// `Treasury_OtherShares`, `Treasury_ExcessiveLoss`, `Treasury_KeeperRemoved`, `RateLimits_NotSet` and
    /// `RateLimits_Exceeded`.
    /// @param id Id of the transfer that it serves, or any id that was not divested here.
    function divest(bytes32 id, address venue, uint256 amount, uint256 maxShares) external returns (uint256 shares);

    /// @notice Withdraws tokens from a venue, by an approved plan.
    /// @dev Who: the plan's keeper. Emits and reverts as `divest`, except for limits; and with the ledger's errors.
    function divestApproved(bytes32 id, address venue, uint256 amount, uint256 maxShares, Ticket calldata ticket)
        external
        returns (uint256 shares);

    /// @notice Opens a plan with the signatures of its approvers: at least one, and as many as its sends and
    /// investments together need. The pre-state is the planner's state of all chains, and not checked here.
    /// @dev Who: the plan's keeper. Emits `PlanAccepted`. Reverts with `Treasury_Paused`, `Treasury_UnknownVerb`,
    /// `Treasury_UnknownAsset`, `Treasury_UnknownVenue`, `Treasury_PlanTooLong`, `Treasury_NotApproved`,
    /// `Treasury_KeeperRemoved`, and with the ledger's errors.
    function openPlan(IPlanLedger.Plan calldata plan, IPlanLedger.Signature[] calldata signatures)
        external
        returns (bytes32 planHash);

    /// @notice Adds an asset, permanently.
    /// @dev Who: the configurator's role. Emits `AssetAdded`. Reverts with `Treasury_InvalidAsset`.
    function addAsset(bytes32 name, address token) external;

    /// @notice Adds a route for an asset, permanently: transfers in transit name it. A successor has another name.
    /// @dev Who: the configurator's role. Emits `RouteAdded`. Reverts with `Treasury_UnknownAsset` and
    /// `Treasury_InvalidRoute`.
    function addRoute(bytes32 asset, bytes32 name, address route) external;

    /// @notice Sets a route's lane to and from another chain.
    /// @dev Who: the configurator's role. Emits `LaneSet`. Reverts with `Treasury_InvalidLane`.
    function setLane(address route, uint256 chain, Lane calldata lane) external;

    /// @notice Closes a lane to departures.
    /// @dev Who: the guardian's role. Emits `LaneSet`. Reverts with `Treasury_InvalidLane` where there is none.
    function closeLane(address route, uint256 chain) external;

    /// @notice Lists a venue, or changes its terms. An asset has at most 8.
    /// @dev Who: the configurator's role. Emits `VenueSet`. Reverts with `Treasury_UnknownAsset` and
    /// `Treasury_InvalidVenue`.
    function setVenue(address venue, Venue calldata terms) external;

    /// @notice Closes a venue to deposits.
    /// @dev Who: the guardian's role. Emits `VenueSet`. Reverts with `Treasury_UnknownVenue`.
    function closeVenue(address venue) external;

    /// @notice Removes a venue from the list. Its contents no longer count.
    /// @dev Who: the configurator's role. Emits `VenueRemoved`. Reverts with `Treasury_UnknownVenue`.
    function removeVenue(address venue) external;

    /// @notice Sets the size bands.
    /// @dev Who: the configurator's role. Emits `BandsSet`. Reverts with `Treasury_InvalidBands`.
    function setBands(Bands calldata newBands) external;

    /// @notice Lowers the size bands; none may rise.
    /// @dev Who: the guardian's role. Emits `BandsSet`. Reverts with `Treasury_InvalidBands`.
    function lowerBands(Bands calldata newBands) external;

    /// @notice Voids the remaining actions of an open plan.
    /// @dev Who: the guardian's role. Reverts with the ledger's errors.
    function cancelPlan(bytes32 planHash) external;

    /// @notice Voids a nonce of a keeper, and so every plan with it that is not open yet.
    /// @dev Who: the guardian's role. Reverts with the ledger's errors.
    function voidNonce(address keeper, uint256 nonce) external;

    /// @notice Stops departures, and voids all plans of this treasury.
    /// @dev Who: the guardian's role. Emits `Paused`. Reverts with `Treasury_Paused`.
    function pause() external;

    /// @notice Admits departures again, unless the kill switch is paused too.
    /// @dev Who: the configurator's role. Emits `Unpaused`. Reverts with `Treasury_NotPaused`.
    function unpause() external;

    /// @notice Sends tokens of any kind out: withdrawals of the team, and tokens that were sent here by mistake.
    /// @dev Who: the configurator's role. Emits `Released`.
    function release(address token, address to, uint256 amount) external;

    /// @notice The id of a transfer.
    function idOf(Transfer calldata transfer) external pure returns (bytes32);

    /// @notice Times of a transfer's legs on this chain.
    function legsOf(bytes32 id) external view returns (Legs memory);

    /// @notice Venues in which an asset may be, at most 8.
    function venuesOf(bytes32 asset) external view returns (address[] memory);

    /// @notice Approvals that a size needs, in US dollars of six decimals.
    function approvalsFor(uint256 size) external view returns (uint256);

    /// @notice Whether an account owns limits here, and the kill switch has not removed it.
    function isKeeper(address account) external view returns (bool);

    /// @notice An asset by its name; all zero when there is none.
    function assetOf(bytes32 name) external view returns (Asset memory);

    /// @notice A route by its asset and name; zero when there is none.
    function routeOf(bytes32 asset, bytes32 name) external view returns (address);

    /// @notice A route's lane to another chain; all zero when there is none.
    function laneOf(address route, uint256 chain) external view returns (Lane memory);

    /// @notice Terms of a venue; all zero when it is not listed.
    function venueOf(address venue) external view returns (Venue memory);

    /// @notice The size bands.
    function bands() external view returns (Bands memory);

    /// @notice Contract that stores approved plans.
    function ledger() external view returns (address);

    /// @notice Switch that ends the power of keepers, here and elsewhere.
    /// @return The switch, which cannot be replaced.
    function killSwitch() external view returns (address);

    /// @notice Whether this treasury is paused itself; `unpause` ends this pause.
    /// @return Whether it is, independent of the kill switch.
    function pausedHere() external view returns (bool);

    /// @notice Whether departures are stopped, here or by the kill switch.
    function paused() external view returns (bool);

    /// @notice Pauses of this treasury and of the kill switch so far. Plans of another epoch are void.
    function epoch() external view returns (uint32);
}
