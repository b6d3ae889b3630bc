"""USDT0 and other omnichain fungible tokens over LayerZero V2."""
