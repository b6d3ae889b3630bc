// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {AsyncVault} from "../doubles/AsyncVault.sol";
import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Test} from "../support/Test.sol";
import {ServedPortfolio} from "./Erc7540VenueTest.sol";

/// @title Handler of a portfolio that requests and claims, and of issuers that settle in parts at their own prices
/// @notice One fund uses one id for all requests and shares of 18 decimals, the other epochs and shares of 6. The
/// handler records the portfolio's assets, from the funds' own books, and the gains and losses by prices.
contract AsyncHandler is Test {
    uint256 private constant MILLION = 1e12;
    /// @dev Minimum and maximum value of a share, in per cent of its first price.
    uint256 private constant LEAST_PERCENT = 20;
    uint256 private constant MOST_PERCENT = 500;

    NoReturnToken public immutable usdt;
    ServedPortfolio public immutable portfolio;
    Erc7540Venue[2] public venues;
    AsyncVault[2] public funds;
    uint256[2] private pars;
    address public constant HOME = address(0x403E);

    /// @notice Initial value of the portfolio, plus all price changes since.
    int256 public expected;
    /// @notice Calls so far, each of which may lose to rounding.
    uint256 public calls;
    /// @notice Requests wrongly refused although no request of another id is open, or wrongly accepted although one is.
    uint256 public wronglyJudged;
    /// @notice Claims after which the total value was lower than before.
    uint256 public lostByClaiming;
    mapping(string what => uint256) public counts;

    constructor() {
        usdt = new NoReturnToken();
        portfolio = new ServedPortfolio(address(usdt), HOME);
        funds = [new AsyncVault(address(usdt), false, 18), new AsyncVault(address(usdt), true, 6)];
        for (uint256 i = 0; i < funds.length; ++i) {
            venues[i] = new Erc7540Venue(address(portfolio), address(funds[i]));
        }
        pars = [funds[0].rate(), funds[1].rate()];
        usdt.mint(address(portfolio), MILLION);
        expected = int256(MILLION);
    }

    function requestDeposit(bool which, uint256 assets) external {
        AsyncVault fund = _fund(which);
        uint256 cash = usdt.balanceOf(address(portfolio));
        if (cash == 0) return;
        assets = bound(assets, 1, cash);
        (uint256 id,) = _venue(fund).requestIds();
        bool good =
            _isFree(fund, id, fund.pendingDepositRequest(id, _v(fund)) + fund.claimableDepositRequest(id, _v(fund)));
        vm.startPrank(address(portfolio));
        usdt.transfer(_v(fund), assets);
        bytes memory call =
            abi.encodeCall(_venue(fund).trade, (address(usdt), address(fund), assets, 0, address(portfolio), ""));
        bool succeeded = _judge(fund, good, call, "deposits requested", "deposits refused");
        vm.stopPrank();
        if (!succeeded) _takeBack(fund, IERC20(address(usdt)), assets);
    }

    function requestRedeem(bool which, uint256 shares) external {
        AsyncVault fund = _fund(which);
        uint256 held = fund.balanceOf(address(portfolio));
        if (held == 0) return;
        shares = bound(shares, 1, held);
        (, uint256 id) = _venue(fund).requestIds();
        bool good =
            _isFree(fund, id, fund.pendingRedeemRequest(id, _v(fund)) + fund.claimableRedeemRequest(id, _v(fund)));
        vm.startPrank(address(portfolio));
        fund.transfer(_v(fund), shares);
        bytes memory call = abi.encodeCall(_venue(fund).trade, (address(fund), address(usdt), shares, 0, HOME, ""));
        bool succeeded = _judge(fund, good, call, "redemptions requested", "redemptions refused");
        vm.stopPrank();
        if (!succeeded) _takeBack(fund, fund, shares);
    }

    function settleDeposit(bool which, uint256 assets) external {
        AsyncVault fund = _fund(which);
        (uint256 id,) = _venue(fund).requestIds();
        uint256 pending = fund.pendingDepositRequest(id, _v(fund));
        if (pending == 0) return;
        fund.settleDeposit(id, _v(fund), bound(assets, 1, pending));
        _count("deposits settled");
    }

    function settleRedeem(bool which, uint256 shares) external {
        AsyncVault fund = _fund(which);
        (, uint256 id) = _venue(fund).requestIds();
        uint256 pending = fund.pendingRedeemRequest(id, _v(fund));
        if (pending == 0) return;
        fund.settleRedeem(id, _v(fund), bound(shares, 1, pending));
        _count("redemptions settled");
    }

    /// @dev Refuses requests occasionally.
    function refuse(bool which, uint8 chance) external {
        if (chance % 8 != 0) return;
        AsyncVault fund = _fund(which);
        (uint256 depositId, uint256 redeemId) = _venue(fund).requestIds();
        fund.refuseDeposit(depositId, _v(fund));
        fund.refuseRedeem(redeemId, _v(fund));
        _count("refused");
    }

    function claim(bool which) external {
        AsyncVault fund = _fund(which);
        uint256 before = measured();
        vm.prank(address(portfolio));
        (uint256 shares, uint256 assets,) = _venue(fund).claim(address(fund));
        if (measured() + 2 < before) ++lostByClaiming;
        _count(shares + assets == 0 ? "claimed nothing" : "claimed");
    }

    function setPrice(bool which, uint256 percent) external {
        AsyncVault fund = _fund(which);
        uint256 before = ideal();
        fund.setRate(pars[which ? 1 : 0] * bound(percent, LEAST_PERCENT, MOST_PERCENT) / 100);
        expected += int256(ideal()) - int256(before);
        _count("priced");
    }

    function nextEpoch() external {
        funds[1].nextEpoch();
        _count("epochs");
    }

    function pauseClaims(bool which, bool paused) external {
        _fund(which).setClaimsPaused(paused);
        _count("paused");
    }

    /// @dev Returns the proceeds to the portfolio.
    function reinvest() external {
        uint256 proceeds = usdt.balanceOf(HOME);
        vm.prank(HOME);
        usdt.transfer(address(portfolio), proceeds);
    }

    /// @notice Returns the total as a portfolio would value it.
    function measured() public view returns (uint256 sum) {
        sum = usdt.balanceOf(address(portfolio)) + usdt.balanceOf(HOME);
        for (uint256 i = 0; i < funds.length; ++i) {
            sum += funds[i].convertToAssets(funds[i].balanceOf(address(portfolio)))
            + venues[i].pendingValue(address(funds[i]));
        }
    }

    /// @notice Returns the total by the funds' own books, where each unit is counted in exactly one place.
    function ideal() public view returns (uint256 sum) {
        sum = usdt.balanceOf(address(portfolio)) + usdt.balanceOf(HOME);
        for (uint256 i = 0; i < funds.length; ++i) {
            (uint256 shares, uint256 assets) = _inTheBooksOf(funds[i]);
            sum += assets + funds[i].convertToAssets(shares) + usdt.balanceOf(_v(funds[i]));
        }
    }

    /// @notice Returns the gains of claimable requests since their settlement, which become visible with the claim.
    function unclaimedGains() public view returns (uint256 sum) {
        for (uint256 i = 0; i < funds.length; ++i) {
            AsyncVault fund = funds[i];
            (uint256 depositId, uint256 redeemId) = _venue(fund).requestIds();
            sum += Math.saturatingSub(
                fund.convertToAssets(_claimableShares(fund)), fund.claimableDepositRequest(depositId, _v(fund))
            );
            sum += Math.saturatingSub(
                _claimableAssets(fund), fund.convertToAssets(fund.claimableRedeemRequest(redeemId, _v(fund)))
            );
        }
    }

    /// @notice Returns the excess of claimable requests while claims are paused; they then count as the requested
    /// amount.
    function pausedLosses() public view returns (uint256 sum) {
        for (uint256 i = 0; i < funds.length; ++i) {
            AsyncVault fund = funds[i];
            if (!fund.claimsPaused()) continue;
            (uint256 depositId, uint256 redeemId) = _venue(fund).requestIds();
            sum += Math.saturatingSub(
                fund.claimableDepositRequest(depositId, _v(fund)), fund.convertToAssets(_claimableShares(fund))
            );
            sum += Math.saturatingSub(
                fund.convertToAssets(fund.claimableRedeemRequest(redeemId, _v(fund))), _claimableAssets(fund)
            );
        }
    }

    function _inTheBooksOf(AsyncVault fund) internal view returns (uint256 shares, uint256 assets) {
        (uint256 depositId, uint256 redeemId) = _venue(fund).requestIds();
        shares = fund.balanceOf(address(portfolio)) + fund.balanceOf(_v(fund)) + _claimableShares(fund)
            + fund.pendingRedeemRequest(redeemId, _v(fund));
        assets = fund.pendingDepositRequest(depositId, _v(fund)) + _claimableAssets(fund);
    }

    function _claimableShares(AsyncVault fund) internal view returns (uint256 shares) {
        (, shares) = fund.claimableDeposits(_v(fund));
    }

    function _claimableAssets(AsyncVault fund) internal view returns (uint256 assets) {
        (, assets) = fund.claimableRedemptions(_v(fund));
    }

    /// @dev Another request is accepted if nothing of the last one is open or its id is the next id.
    function _isFree(AsyncVault fund, uint256 id, uint256 left) internal view returns (bool) {
        return left == 0 || !fund.hasEpochs() || id == fund.epoch();
    }

    function _judge(AsyncVault fund, bool good, bytes memory call, string memory done, string memory refused)
        internal
        returns (bool succeeded)
    {
        (succeeded,) = _v(fund).call(call);
        if (succeeded != good) ++wronglyJudged;
        _count(succeeded ? done : refused);
    }

    /// @dev Takes refused tokens back from the venue; in a real portfolio the whole call would revert.
    function _takeBack(AsyncVault fund, IERC20 token, uint256 amount) internal {
        vm.prank(_v(fund));
        SafeERC20.safeTransfer(token, address(portfolio), amount);
    }

    function _count(string memory what) internal {
        ++counts[what];
        ++calls;
    }

    function _fund(bool which) internal view returns (AsyncVault) {
        return funds[which ? 1 : 0];
    }

    function _venue(AsyncVault fund) internal view returns (Erc7540Venue) {
        return venues[fund == funds[0] ? 0 : 1];
    }

    function _v(AsyncVault fund) internal view returns (address) {
        return address(_venue(fund));
    }
}
