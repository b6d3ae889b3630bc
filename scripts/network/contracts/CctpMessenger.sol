// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {CctpDenylist} from "@network/CctpDenylist.sol";
import {CctpMinter} from "@network/CctpMinter.sol";
import {CctpTransmitter, ICctpHandler} from "@network/CctpTransmitter.sol";

/// @title Burns and mints across chains by CCTP, for the local network
/// @notice Written for Ballast. It behaves like Circle's TokenMessengerV2 where a caller or an attester can tell:
/// functions, events, the bytes of messages, texts of the checks. There is no proxy. A fee that the attesters filled in
/// is kept of finalized messages too. The owner is the first controller of the minimum fee.
contract CctpMessenger is ICctpHandler, CctpDenylist {
    using SafeERC20 for IERC20;

    /// @notice A burn that was asked for.
    struct Burn {
        uint256 amount;
        uint32 domain;
        bytes32 recipient;
        address token;
        bytes32 caller;
        uint256 maxFee;
        uint32 threshold;
        bytes hookData;
    }

    uint32 private constant VERSION = 1;
    uint32 private constant LEAST_THRESHOLD = 500;
    /// @notice The minimum fee is in parts of this: thousandths of a basis point.
    uint256 public constant MIN_FEE_MULTIPLIER = 10_000_000;
    uint256 private constant HOOK_DATA = 228;

    address public immutable localMessageTransmitter;
    uint32 public immutable messageBodyVersion = VERSION;

    /// @notice Who mints and burns here; zero when there is none.
    address public localMinter;
    address public feeRecipient;
    /// @notice Who may set the minimum fee.
    address public minFeeController;
    uint256 public minFee;
    mapping(uint32 domain => bytes32) public remoteTokenMessengers;

    event DepositForBurn(
        address indexed burnToken,
        uint256 amount,
        address indexed depositor,
        bytes32 mintRecipient,
        uint32 destinationDomain,
        bytes32 destinationTokenMessenger,
        bytes32 destinationCaller,
        uint256 maxFee,
        uint32 indexed minFinalityThreshold,
        bytes hookData
    );
    event MintAndWithdraw(
        address indexed mintRecipient, uint256 amount, address indexed mintToken, uint256 feeCollected
    );
    event RemoteTokenMessengerAdded(uint32 domain, bytes32 tokenMessenger);
    event RemoteTokenMessengerRemoved(uint32 domain, bytes32 tokenMessenger);
    event LocalMinterAdded(address localMinter);
    event LocalMinterRemoved(address localMinter);
    event FeeRecipientSet(address feeRecipient);
    event MinFeeSet(uint256 minFee);

    constructor(address owner_, address transmitter, address minter, address feeRecipient_) CctpDenylist(owner_) {
        (localMessageTransmitter, localMinter, feeRecipient) = (transmitter, minter, feeRecipient_);
        minFeeController = owner_;
    }

    /// @notice Burns tokens of the caller, to be minted elsewhere.
    function depositForBurn(
        uint256 amount,
        uint32 destinationDomain,
        bytes32 mintRecipient,
        address burnToken,
        bytes32 destinationCaller,
        uint256 maxFee,
        uint32 minFinalityThreshold
    ) external notDenylistedCallers {
        Burn memory order;
        (order.amount, order.domain, order.recipient) = (amount, destinationDomain, mintRecipient);
        (order.token, order.caller) = (burnToken, destinationCaller);
        (order.maxFee, order.threshold) = (maxFee, minFinalityThreshold);
        _burn(order);
    }

    /// @notice The same, with data that goes along.
    function depositForBurnWithHook(
        uint256 amount,
        uint32 destinationDomain,
        bytes32 mintRecipient,
        address burnToken,
        bytes32 destinationCaller,
        uint256 maxFee,
        uint32 minFinalityThreshold,
        bytes calldata hookData
    ) external notDenylistedCallers {
        require(hookData.length > 0, "Hook data is empty");
        Burn memory order;
        (order.amount, order.domain, order.recipient) = (amount, destinationDomain, mintRecipient);
        (order.token, order.caller) = (burnToken, destinationCaller);
        (order.maxFee, order.threshold, order.hookData) = (maxFee, minFinalityThreshold, hookData);
        _burn(order);
    }

    /// @inheritdoc ICctpHandler
    function handleReceiveFinalizedMessage(uint32 remoteDomain, bytes32 sender, uint32, bytes calldata messageBody)
        external
        returns (bool)
    {
        _requireRemote(remoteDomain, sender);
        return _mint(remoteDomain, messageBody);
    }

    /// @inheritdoc ICctpHandler
    function handleReceiveUnfinalizedMessage(
        uint32 remoteDomain,
        bytes32 sender,
        uint32 finalityThresholdExecuted,
        bytes calldata messageBody
    ) external returns (bool) {
        _requireRemote(remoteDomain, sender);
        require(finalityThresholdExecuted >= LEAST_THRESHOLD, "Unsupported finality threshold");
        return _mint(remoteDomain, messageBody);
    }

    /// @notice Trusts a token messenger of another chain. Owner only.
    function addRemoteTokenMessenger(uint32 domain, bytes32 tokenMessenger) external onlyOwner {
        require(tokenMessenger != 0, "bytes32(0) not allowed");
        require(remoteTokenMessengers[domain] == 0, "TokenMessenger already set");
        remoteTokenMessengers[domain] = tokenMessenger;
        emit RemoteTokenMessengerAdded(domain, tokenMessenger);
    }

    /// @notice Trusts no token messenger of a chain any more. Owner only.
    /// @param domain CCTP's number of the chain.
    function removeRemoteTokenMessenger(uint32 domain) external onlyOwner {
        bytes32 removed = remoteTokenMessengers[domain];
        require(removed != 0, "No TokenMessenger set");
        delete remoteTokenMessengers[domain];
        emit RemoteTokenMessengerRemoved(domain, removed);
    }

    /// @notice Sets who mints and burns, where nobody does. Owner only.
    /// @param newLocalMinter Who mints and burns from now on.
    function addLocalMinter(address newLocalMinter) external onlyOwner {
        require(newLocalMinter != address(0), "Zero address not allowed");
        require(localMinter == address(0), "Local minter is already set.");
        localMinter = newLocalMinter;
        emit LocalMinterAdded(newLocalMinter);
    }

    /// @notice Has nobody mint and burn any more. Owner only.
    function removeLocalMinter() external onlyOwner {
        address removed = localMinter;
        require(removed != address(0), "No local minter is set.");
        delete localMinter;
        emit LocalMinterRemoved(removed);
    }

    /// @notice Sets who gets the fees. Owner only.
    function setFeeRecipient(address newFeeRecipient) external onlyOwner {
        require(newFeeRecipient != address(0), "Zero address not allowed");
        feeRecipient = newFeeRecipient;
        emit FeeRecipientSet(newFeeRecipient);
    }

    /// @notice Sets the least fee of a burn, in thousandths of a basis point. Controller of the minimum fee only.
    function setMinFee(uint256 newMinFee) external {
        require(msg.sender == minFeeController, "Caller is not the min fee controller");
        require(newMinFee < MIN_FEE_MULTIPLIER, "Min fee too high");
        minFee = newMinFee;
        emit MinFeeSet(newMinFee);
    }

    /// @notice Least `maxFee` that a burn of `amount` needs.
    function getMinFeeAmount(uint256 amount) external view returns (uint256) {
        if (minFee == 0) return 0;
        require(amount > 1, "Amount too low");
        return _minFeeOf(amount);
    }

    function _burn(Burn memory order) private {
        require(order.amount > 0, "Amount must be nonzero");
        require(order.recipient != 0, "Mint recipient must be nonzero");
        require(order.maxFee < order.amount, "Max fee must be less than amount");
        require(order.maxFee >= _minFeeOf(order.amount), "Insufficient max fee");
        bytes32 remote = remoteTokenMessengers[order.domain];
        require(remote != 0, "No TokenMessenger for domain");
        CctpMinter minter = _minter();
        IERC20(order.token).safeTransferFrom(msg.sender, address(minter), order.amount);
        minter.burn(order.token, order.amount);
        CctpTransmitter(localMessageTransmitter)
            .sendMessage(order.domain, remote, order.caller, order.threshold, _bodyOf(order));
        _emit(order, remote);
    }

    function _emit(Burn memory order, bytes32 remote) private {
        emit DepositForBurn(
            order.token,
            order.amount,
            msg.sender,
            order.recipient,
            order.domain,
            remote,
            order.caller,
            order.maxFee,
            order.threshold,
            order.hookData
        );
    }

    function _mint(uint32 domain, bytes calldata body) private returns (bool) {
        require(body.length >= HOOK_DATA, "Invalid burn message: too short");
        require(uint32(bytes4(body[:4])) == VERSION, "Invalid message body version");
        uint256 expiration = _uint256(body, 196);
        require(expiration == 0 || expiration > block.number, "Message expired and must be re-signed");
        (uint256 amount, uint256 fee) = (_uint256(body, 68), _uint256(body, 164));
        require(fee == 0 || fee < amount, "Fee equals or exceeds amount");
        require(fee <= _uint256(body, 132), "Fee exceeds max fee");
        address recipient = address(uint160(_uint256(body, 36)));
        address token = _minter().mint(domain, bytes32(_uint256(body, 4)), recipient, feeRecipient, amount - fee, fee);
        emit MintAndWithdraw(recipient, amount - fee, token, fee);
        return true;
    }

    function _minter() private view returns (CctpMinter) {
        require(localMinter != address(0), "Local minter is not set");
        return CctpMinter(localMinter);
    }

    function _requireRemote(uint32 domain, bytes32 sender) private view {
        require(msg.sender == localMessageTransmitter, "Invalid message transmitter");
        bool known = sender != 0 && remoteTokenMessengers[domain] == sender;
        require(known, "Remote TokenMessenger unsupported");
    }

    function _minFeeOf(uint256 amount) private view returns (uint256) {
        if (minFee == 0) return 0;
        uint256 fee = amount * minFee / MIN_FEE_MULTIPLIER;
        return fee == 0 ? 1 : fee;
    }

    /// @dev Fee executed and expiration block are the attesters' to fill in.
    function _bodyOf(Burn memory order) private view returns (bytes memory) {
        bytes memory head = abi.encodePacked(VERSION, _word(order.token), order.recipient, order.amount);
        bytes memory rest = abi.encodePacked(_word(msg.sender), order.maxFee, uint256(0), uint256(0));
        return bytes.concat(head, rest, order.hookData);
    }

    function _uint256(bytes calldata body, uint256 offset) private pure returns (uint256) {
        return uint256(bytes32(body[offset:offset + 32]));
    }

    function _word(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
