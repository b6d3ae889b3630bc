// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {ITradeVenue} from "../interfaces/ITradeVenue.sol";
import {Bps} from "../libraries/Bps.sol";

/// @title Assets held at target weights, and how each of them is bought and sold
/// @dev The floor, the loss bound at the oracle's price, is enforced here, so it holds whichever operator calls.
contract Portfolio is IPortfolio, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Bounds the gas of `value`, which every deposit into a vault pays for.
    uint256 private constant MAX_HOLDINGS = 16;

    /// @inheritdoc IPortfolio
    address public immutable settlement;
    /// @inheritdoc IPortfolio
    address public immutable oracle;
    /// @inheritdoc IPortfolio
    address public immutable home;
    /// @dev One whole settlement token: what is worth less is dust.
    uint256 private immutable _dust;

    /// @inheritdoc IPortfolio
    mapping(address account => bool) public isOperator;
    Holding[] private _holdings;
    /// @dev Place in the list, counted from 1; 0 is not on it.
    mapping(address asset => uint256) private _places;

    modifier onlyOperator() {
        require(isOperator[msg.sender], Portfolio_NotOperator(msg.sender));
        _;
    }

    // The settlement token is called right here, which zero would not survive.
    // slither-disable-next-line missing-zero-check
    constructor(address manager, address settlement_, address oracle_, address home_) AccessManaged(manager) {
        require(oracle_.code.length != 0, Portfolio_InvalidAddress(oracle_));
        require(home_ != address(0), Portfolio_InvalidAddress(home_));
        (settlement, oracle, home) = (settlement_, oracle_, home_);
        _dust = 10 ** IERC20Metadata(settlement_).decimals();
    }

    // Balances before and after a call are the point, and events tell the difference; the lock keeps everybody else out
    // meanwhile. A list has at most MAX_HOLDINGS entries, and a bad one of them must stop the valuation. A stranger's
    // gift can make an equality fail only from inside the very trade, by those who are paid in it.
    // slither-disable-start reentrancy-balance,reentrancy-events,calls-loop,incorrect-equality

    /// @inheritdoc IPortfolio
    function setHoldings(Holding[] calldata newHoldings) external restricted nonReentrant {
        uint256 count = newHoldings.length;
        require(count <= MAX_HOLDINGS, Portfolio_TooManyHoldings(count, MAX_HOLDINGS));
        Holding[] memory previous = _holdings;
        for (uint256 i = 0; i < previous.length; ++i) {
            delete _places[previous[i].asset];
        }
        delete _holdings;

        uint256 sumBps = 0;
        for (uint256 i = 0; i < count; ++i) {
            Holding calldata holding = newHoldings[i];
            _requireSound(holding);
            _holdings.push(holding);
            _places[holding.asset] = i + 1;
            sumBps += holding.targetBps;
        }
        require(count == 0 || sumBps == Bps.ONE, Portfolio_InvalidTargets(sumBps));

        for (uint256 i = 0; i < previous.length; ++i) {
            if (_places[previous[i].asset] == 0) _requireEmpty(previous[i]);
        }
        emit HoldingsSet(newHoldings);
    }

    /// @inheritdoc IPortfolio
    function setOperator(address operator, bool allowed) external restricted {
        isOperator[operator] = allowed;
        emit OperatorSet(operator, allowed);
    }

    /// @inheritdoc IPortfolio
    function buy(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        external
        onlyOperator
        nonReentrant
        returns (uint256 received)
    {
        require(amount != 0, Portfolio_ZeroAmount());
        Holding memory holding = holdingOf(asset);
        uint256 before = _balance(asset);
        if (holding.kind == Kind.Venue) {
            // What the venue answers is not believed; the balance is measured.
            // slither-disable-next-line unused-return
            ITradeVenue(holding.venue).trade(settlement, asset, amount, minOut, address(this), data);
        } else {
            _depositInto(asset, amount);
        }
        received = _since(before, _balance(asset));
        require(received >= minOut, Portfolio_InsufficientOutput(asset, received, minOut));
        _requireFloor(asset, _worth(holding, received), amount, holding.maxLossBps);
        emit Bought(asset, amount, received);
    }

    /// @inheritdoc IPortfolio
    function sell(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        external
        onlyOperator
        nonReentrant
        returns (uint256 proceeds)
    {
        require(amount != 0, Portfolio_ZeroAmount());
        proceeds = _sell(holdingOf(asset), amount, minOut, data);
    }

    /// @inheritdoc IPortfolio
    function withdraw(address asset, uint256 assets) external onlyOperator nonReentrant returns (uint256 proceeds) {
        require(assets != 0, Portfolio_ZeroAmount());
        Holding memory holding = holdingOf(asset);
        if (holding.kind == Kind.Venue) {
            uint256 held = _balance(asset);
            if (held == 0) return 0;
            // More than there is, however much more, is all there is.
            bool all = assets >= _worth(holding, held);
            uint256 amount = all ? held : Math.min(IPriceOracle(oracle).convert(settlement, asset, assets), held);
            return amount == 0 ? 0 : _sell(holding, amount, 0, "");
        }
        uint256 given = Math.min(assets, IERC4626(asset).maxWithdraw(address(this)));
        return given == 0 ? 0 : _withdrawFrom(holding, given);
    }

    /// @inheritdoc IPortfolio
    function holds(address asset) external view returns (bool) {
        return _places[asset] != 0;
    }

    /// @inheritdoc IPortfolio
    function holdings() external view returns (Holding[] memory) {
        return _holdings;
    }

    /// @inheritdoc IPortfolio
    function positions() external view returns (Position[] memory list) {
        uint256 count = _holdings.length;
        list = new Position[](count);
        for (uint256 i = 0; i < count; ++i) {
            Holding memory holding = _holdings[i];
            Position memory position = list[i];
            position.asset = holding.asset;
            position.kind = holding.kind;
            position.venue = holding.venue;
            position.targetBps = holding.targetBps;
            position.maxLossBps = holding.maxLossBps;
            position.balance = _balance(holding.asset);
            position.value = _worth(holding, position.balance);
        }
    }

    /// @inheritdoc IPortfolio
    function value() external view returns (uint256 sum) {
        uint256 count = _holdings.length;
        for (uint256 i = 0; i < count; ++i) {
            Holding memory holding = _holdings[i];
            sum += _worth(holding, _balance(holding.asset));
        }
    }

    /// @inheritdoc IPortfolio
    function valueOf(address asset) external view returns (uint256) {
        return _worth(holdingOf(asset), _balance(asset));
    }

    /// @inheritdoc IPortfolio
    function holdingOf(address asset) public view returns (Holding memory) {
        uint256 place = _places[asset];
        require(place != 0, Portfolio_UnknownAsset(asset));
        return _holdings[place - 1];
    }

    /// @dev Sells in the venue or redeems; proceeds go home and are measured there.
    function _sell(Holding memory holding, uint256 amount, uint256 minOut, bytes memory data)
        internal
        returns (uint256 proceeds)
    {
        address asset = holding.asset;
        uint256 held = _balance(asset);
        require(held >= amount, Portfolio_InsufficientBalance(asset, held, amount));
        // Valued before, at a price that the sale cannot move.
        uint256 worth = _worth(holding, amount);
        uint256 before = _homeBalance();
        if (holding.kind == Kind.Venue) {
            IERC20(asset).safeTransfer(holding.venue, amount);
            // slither-disable-next-line unused-return
            ITradeVenue(holding.venue).trade(asset, settlement, amount, minOut, home, data);
        } else {
            // slither-disable-next-line unused-return
            IERC4626(asset).redeem(amount, home, address(this));
        }
        proceeds = _since(before, _homeBalance());
        _requireSpent(asset, held, amount);
        require(proceeds >= minOut, Portfolio_InsufficientOutput(asset, proceeds, minOut));
        _requireFloor(asset, proceeds, worth, holding.maxLossBps);
        emit Sold(asset, amount, proceeds);
    }

    /// @dev Withdraws settlement tokens; the shares burned for them must not be worth much more.
    function _withdrawFrom(Holding memory holding, uint256 assets) internal returns (uint256 proceeds) {
        address asset = holding.asset;
        uint256 held = _balance(asset);
        uint256 worth = _worth(holding, held);
        uint256 before = _homeBalance();
        // slither-disable-next-line unused-return
        IERC4626(asset).withdraw(assets, home, address(this));
        proceeds = _since(before, _homeBalance());
        uint256 left = _balance(asset);
        require(proceeds >= assets, Portfolio_InsufficientOutput(asset, proceeds, assets));
        _requireFloor(asset, proceeds, _since(_worth(holding, left), worth), holding.maxLossBps);
        emit Sold(asset, _since(left, held), proceeds);
    }

    /// @dev Deposits settlement tokens that were pushed here. No allowance remains.
    function _depositInto(address strategy, uint256 amount) internal {
        uint256 held = _balance(settlement);
        require(held >= amount, Portfolio_InsufficientBalance(settlement, held, amount));
        IERC20(settlement).forceApprove(strategy, amount);
        // slither-disable-next-line unused-return
        IERC4626(strategy).deposit(amount, address(this));
        if (IERC20(settlement).allowance(address(this), strategy) != 0) {
            IERC20(settlement).forceApprove(strategy, 0);
        }
        _requireSpent(settlement, held, amount);
    }

    function _requireSpent(address token, uint256 held, uint256 amount) internal view {
        uint256 spent = _since(_balance(token), held);
        require(spent == amount, Portfolio_UnexpectedSpend(token, spent, amount));
    }

    /// @dev A holding that leaves the list may leave dust behind.
    function _requireEmpty(Holding memory holding) internal view {
        uint256 balance = _balance(holding.asset);
        if (balance == 0) return;
        require(_worth(holding, balance) < _dust, Portfolio_HoldingNotEmpty(holding.asset, balance));
    }

    function _requireSound(Holding calldata holding) internal view {
        address asset = holding.asset;
        // Shares of its own home would be valued by asking for their own value.
        bool sound = asset.code.length != 0 && asset != settlement && asset != home && _places[asset] == 0
            && holding.maxLossBps <= Bps.MAX_LOSS;
        if (sound && holding.kind == Kind.Venue) {
            sound = holding.venue.code.length != 0 && _hasFeed(asset) && _hasFeed(settlement);
        } else if (sound) {
            sound = holding.venue == address(0) && IERC4626(asset).asset() == settlement;
        }
        require(sound, Portfolio_InvalidHolding(asset));
    }

    function _hasFeed(address token) internal view returns (bool) {
        return IPriceOracle(oracle).feedOf(token).aggregator != address(0);
    }

    /// @dev Fair value of an amount of an asset, in settlement units. Nothing is worth nothing, at any price.
    function _worth(Holding memory holding, uint256 amount) internal view returns (uint256) {
        if (amount == 0) return 0;
        return holding.kind == Kind.Venue
            ? IPriceOracle(oracle).convert(holding.asset, settlement, amount)
            : IERC4626(holding.asset).convertToAssets(amount);
    }

    function _balance(address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    function _homeBalance() internal view returns (uint256) {
        return IERC20(settlement).balanceOf(home);
    }

    // slither-disable-end reentrancy-balance,reentrancy-events,calls-loop,incorrect-equality

    /// @dev What came out must be worth what went in, less the loss bound, rounded against whoever trades.
    function _requireFloor(address asset, uint256 got, uint256 gave, uint16 maxLossBps) internal pure {
        uint256 minimum = Bps.partUp(gave, Bps.ONE - maxLossBps);
        require(got >= minimum, Portfolio_BelowFloor(asset, got, minimum));
    }

    /// @dev How much `current` is above `before`; 0 when it is not.
    function _since(uint256 before, uint256 current) internal pure returns (uint256) {
        return current > before ? current - before : 0;
    }
}
