"""HTTP: health, metrics, instructions, and the services of signer and validator."""
