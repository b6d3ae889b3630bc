"""Plans for the weights of a portfolio, in five phases.

Sell overweight assets, recompute weights (`book`), compute gaps and budget, split the budget, buy
(`trades`), and evaluate the result; combined in `plan`.

The arithmetic matches the contract to the last unit where quantities are rounded. All numbers are
integers on one scale, where a value is `V = q * P`: `q` base units of a token, `P` the value of one
base unit. With prices `p` of `d` decimals, a contract has `P = p * 10 ** (18 - decimals)`, in units
of `10 ** -(18 + d)` of the currency. The scale cancels out of every quantity. Targets `t` are in
basis points, and products with them stay in ten-thousandths of a value unit until the single
division of their formula. Only quantities are rounded, each once and down:

    sold_i     = (10000 * V_i - t_i * T0) // (10000 * P_i)           without `sell`, where positive
    received_i = sold_i * P_i * (1 - s_i) // P_s                     on chain: what came in
    gap_i      = max(0, t_i * T1 - 10000 * V_i)                      0 for what was sold
    budget     = max(0, 10000 * S1 - t_s * T1)                       spending the surplus
    budget     = max(0, 10000 * (S1 - S0) - max(0, t_s * T1 - 10000 * S0))   spending proceeds
    paid_i     = gap_i * min(budget, gaps) // (10000 * gaps * P_s)   gaps the sum of gap_i
    bought_i   = paid_i * P_s // (P_i * (1 + b_i))                   on chain: what came in
    D          = sum of abs(10000 * V_i - t_i * T)                   deviation is D / (10000 * T)

A slippage of `n / d` multiplies by `d - n` and divides by `d` on a sale; on a purchase it
multiplies by `d` and divides by `d + n`. `S` and `P_s` are the settlement token's, `T` is the sum
of all values; 0 is before, 1 after the sales, 2 after the purchases. A contract rejects `10000 *
(T0 - T2) > limit * T0`, then anything but `D2 * T0 < D0 * T2`. A total of 0 at any time is a revert
in the contract and an error here.

Two shortcuts are exact to the last unit because floors nest: the allocation as a value,
`a_i = mulDiv(gap_i, min(budget, gaps), gaps) / 10000`, may be floored first (`paid_i = a_i / P_s`),
and its comparison with a whole minimum gives the same result. Products of two values need 512 bits.
"""

from keepers.planning.weights.plan import plan_weights

__all__ = ["plan_weights"]
