"""Kinds of arguments."""

from __future__ import annotations

from typing import Any

import click
from eth_utils.address import is_address, to_checksum_address


class Address(click.ParamType):
    """An account or a contract."""

    name = "address"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """With its checksum."""
        if not is_address(value):
            self.fail(f"{value!a} is not an address", param, ctx)
        return to_checksum_address(value)


ADDRESS = Address()
