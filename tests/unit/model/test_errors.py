"""Tests of the messages and public kinds of errors."""

from typing import ClassVar

import pytest

from keepers.model.errors import EXIT_FAILED, EXIT_UNUSABLE_INPUT, BallastError, InputError, message
from keepers.model.errors.chain import ChainUnreachableError, NodeRefusedError, PayloadTooLargeError
from keepers.model.errors.run import DatabaseLostError, StoreUnavailableError, UnknownRunError
from keepers.model.errors.transaction import NotSettledError, UnknownTransactionError


@message("{what} has {count:g} of {owner!a}")
class ExampleError(BallastError, kind="Example", exit_status=EXIT_UNUSABLE_INPUT):
    what: str
    owner: str
    count: float = 2.5
    unit: ClassVar[str] = "wei"


def test_message__fields_by_position_and_name__fill_the_template() -> None:
    error = ExampleError("it", owner="ä")

    assert str(error) == "it has 2.5 of '\\xe4'"
    assert (error.what, error.owner, error.count) == ("it", "ä", 2.5)


def test_message__two_equal_errors__are_different_and_can_be_put_in_sets() -> None:
    first, second = UnknownRunError("a"), UnknownRunError("a")

    assert len({first, second}) == 2


def test_message__subclass_without_own_template__takes_its_base_s() -> None:
    error = PayloadTooLargeError("http://one", "too large")

    assert str(error) == "node http://one does not respond: too large; check chains.*.rpc_urls"
    assert isinstance(error, ChainUnreachableError)


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        (InputError, "InputError", EXIT_UNUSABLE_INPUT),
        (NodeRefusedError, "NodeRefusedError", EXIT_FAILED),
        (StoreUnavailableError, "JournalUnavailable", EXIT_FAILED),
        (DatabaseLostError, "DatabaseLost", EXIT_FAILED),
        (UnknownTransactionError, "NoSuchTransaction", EXIT_UNUSABLE_INPUT),
    ],
)
def test_error_kind__class_renamed_or_not__stays_as_documents_show_it(
    error: type[BallastError], kind: str, status: int
) -> None:
    assert (error.error_kind, error.exit_status) == (kind, status)


def test_not_settled__paused__names_the_pause_and_how_it_is_lifted() -> None:
    text = str(NotSettledError.paused(12, "QUEUED", "root@vm", "walk"))
    assert text == (
        "transaction 12 is queued, and sending is paused by root@vm: walk; `ballast resume` lifts "
        "the pause, and the next armed run determines the result of the transaction"
    )


def test_not_settled__after_a_while__says_how_long_and_what_comes_next() -> None:
    text = str(NotSettledError.after(12, "SENT", 300, " and nodes do not respond"))
    assert text == (
        "transaction 12 is sent and nodes do not respond, and did not reach the required "
        "confirmations within 300 seconds; the next armed run resumes it, and `ballast txs show "
        "12` shows its state"
    )
