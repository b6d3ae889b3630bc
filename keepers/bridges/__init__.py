"""Those who carry money from chain to chain, each behind the engine's `Bridge`."""
