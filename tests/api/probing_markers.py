"""The words that the obedient judges of these tests obey."""

MARKERS = ("full marks", "满分")
