"""Errors of the deployment scripts, with messages for the operator."""

from __future__ import annotations

import click


class DeploymentError(click.ClickException):
    """Base: one line, exit status 1."""


class DeploymentConfigError(DeploymentError):
    """The intended state is invalid; exit status 2."""

    exit_code = 2


class WrongNetworkError(DeploymentError):
    """The node serves another chain than the configured one."""


class NotPermittedError(DeploymentError):
    """The account may not make a required change."""
