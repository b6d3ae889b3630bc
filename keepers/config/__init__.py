"""A keeper's configuration: its file, the environment, and the deployments files."""

from keepers.config.deployment import Deployment, load_deployment
from keepers.config.errors import ConfigError, DeploymentError, SecretUnavailableError
from keepers.config.load import load_settings
from keepers.config.model import ChainSettings, Settings, VaultSettings
from keepers.config.signers import (
    ApeSigner,
    AwsKmsSigner,
    JsonRpcSigner,
    KeystoreSigner,
    Pkcs11Signer,
    PrivateKeyEnvSigner,
    SignerSettings,
    signer_secret,
)

__all__ = [
    "ApeSigner",
    "AwsKmsSigner",
    "ChainSettings",
    "ConfigError",
    "Deployment",
    "DeploymentError",
    "JsonRpcSigner",
    "KeystoreSigner",
    "Pkcs11Signer",
    "PrivateKeyEnvSigner",
    "SecretUnavailableError",
    "Settings",
    "SignerSettings",
    "VaultSettings",
    "load_deployment",
    "load_settings",
    "signer_secret",
]
