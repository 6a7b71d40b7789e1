"""Tables and score cards."""
