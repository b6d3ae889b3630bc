"""Tests of the reader of forge's coverage report."""

from scripts.analysis.coverage import branches, percent, table

REPORT = """TN:
SF:contracts/vault/A.sol
BRDA:10,0,0,5
BRDA:10,0,1,-
BRDA:12,1,0,0
BRDA:14,2,0,1
end_of_record
SF:tests/solidity/B.t.sol
BRDA:1,0,0,0
end_of_record
"""


def test_branches__report__are_those_of_contracts() -> None:
    assert branches(REPORT) == {"contracts/vault/A.sol": [(10, 5), (10, 0), (12, 0), (14, 1)]}


def test_table__missed__names_the_lines() -> None:
    assert table(branches(REPORT)).endswith("  2 of   4 branches, not taken in lines 10, 12")
    assert percent(branches(REPORT)) == 50


def test_percent__nothing_measured__is_not_enough() -> None:
    assert percent({}) == 0
