"""The verb ``grade``: answers in, a run folder out."""
