"""Tests and benchmarks; a package, so that no installed distribution's own ``tests`` is taken for it."""
