"""The verb ``calibrate``: physicians' grades in, corrected numbers into the run."""
