"""Errors of the deployment scripts, with the message that the operator reads."""

from __future__ import annotations

import click


class DeploymentError(click.ClickException):
    """Base: one line, exit status 1."""


class DeploymentConfigError(DeploymentError):
    """The intended state cannot be used; exit status 2."""

    exit_code = 2


class WrongNetworkError(DeploymentError):
    """The node is not the chain that the configuration is for."""


class NotPermittedError(DeploymentError):
    """The account may not make a change that is needed."""
