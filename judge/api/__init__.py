"""The verbs; the only place that wires things together."""
