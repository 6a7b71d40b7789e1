"""The verb ``probe``: how often a panel gives in to text in the answer."""
