"""Evidence about the contracts: mutation testing, coverage, gas."""
