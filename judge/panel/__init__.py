"""Plan, prompt, parse, vote, gates."""
