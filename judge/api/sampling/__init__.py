"""The verb ``sample``: a blinded set for physicians, drawn with known chances."""
