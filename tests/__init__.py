"""The tests; `python -m tests.run` runs them on both pairs of stores."""
