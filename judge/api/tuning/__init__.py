"""The verb ``tune``: a judge's prompt program, tuned on physicians' grades."""
