"""The deterministic judge."""
