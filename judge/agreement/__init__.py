"""Agreement statistics: pure functions on arrays."""
