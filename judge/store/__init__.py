"""Parquet files and the manifest of a run."""
