"""The verb ``estimate``: what a run would cost before anything is sent."""
