"""A signer elsewhere: `eth_signTransaction` over TLS, as Web3Signer and op-signer speak it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from keepers.model.errors.signing import AlteredTransactionError, BadSignatureError
from keepers.model.transactions.encrypted_payload import Sealed
from keepers.signing.answers import bytes_in, fields_of_answer, rpc_request
from keepers.signing.checked import checked
from keepers.signing.payload import digest_of
from keepers.signing.wire import to_fields

if TYPE_CHECKING:
    from keepers.model.chain import Signed, Unsigned
    from keepers.signing.https import Endpoint

METHOD = "eth_signTransaction"
SEALED_METHOD = "ballast_signSealed"


class _Remote:
    """What both kinds have in common: where they ask, and for whom."""

    def __init__(self, endpoint: Endpoint, address: str) -> None:
        self._endpoint = endpoint
        self._address = address

    @property
    def address(self) -> str:
        """The keeper's account, as configured: the signer's word for it would prove nothing."""
        return self._address

    def _ask(self, method: str, transaction: Unsigned) -> object:
        """The result that the signer gives; raises a `SigningError` without one."""
        asked = rpc_request(method, to_fields(transaction, self._address))
        return fields_of_answer(self._endpoint.post(asked), self._endpoint).get("result")


class RemoteSigner(_Remote):
    """Asks a signer that is trusted with the key and with nothing else."""

    def sign(self, transaction: Unsigned) -> Signed:
        """Have a transaction signed.

        Raises:
            SignerUnreachableError: No answer in time, or none over a connection that we trust.
            SignerRefusedError: It answered that it does not sign this.
            SigningError: Its answer is not what was asked for.
        """
        return checked(transaction, _raw_of(self._ask(METHOD, transaction)), self._address)


class RemoteSealingSigner(_Remote):
    """Asks a signer that seals: what it gives, only the validator can open."""

    def sign(self, transaction: Unsigned) -> Sealed:
        """Have a transaction signed and sealed; whose signature is inside, the validator sees.

        Raises:
            SigningError: As of `RemoteSigner`, or the box is said to be of another transaction.
        """
        result = self._ask(SEALED_METHOD, transaction)
        if not isinstance(result, dict):
            raise BadSignatureError("it has no box")
        fields = cast("dict[str, Any]", result)
        digest, box = bytes_in(fields.get("digest"), "digest"), bytes_in(fields.get("box"), "box")
        wanted = digest_of(transaction)
        if digest != wanted:
            raise AlteredTransactionError("digest", f"0x{wanted.hex()}", f"0x{digest.hex()}")
        return Sealed(digest, box)


def _raw_of(result: object) -> bytes:
    """The signed bytes: given plainly, or as `raw` beside the transaction, as geth does."""
    if isinstance(result, dict):
        result = cast("dict[str, Any]", result).get("raw")
    return bytes_in(result, "signed bytes")
