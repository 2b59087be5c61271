"""The way that a submission takes, with the people it meets."""

from tests.steps import way

__all__ = ["way"]
