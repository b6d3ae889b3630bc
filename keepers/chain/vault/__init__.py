"""A vault on a chain: snapshot, market, simulation of plans, maintenance, weights and events."""
