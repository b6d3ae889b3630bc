"""Services that hold keys: the signer's and the validator's."""
