"""What a keeper is told: its configuration file, the environment, and the deployments files."""

from keepers.app.settings.deployment import Deployment, load_deployment
from keepers.app.settings.errors import ConfigError, DeploymentError, SecretUnavailableError
from keepers.app.settings.load import load_settings
from keepers.app.settings.model import ChainSettings, Settings, VaultSettings
from keepers.app.settings.signers import (
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
