"""The one way to a model: port, ledger, limits, money."""
