"""The people of the demo town, who meet in consultations."""

from tests.steps import way

__all__ = ["way"]
