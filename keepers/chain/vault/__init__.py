"""A vault on a chain: snapshot, market, plans' simulation, maintenance, weights and events."""
