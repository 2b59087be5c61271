"""Screening: what a moderator should look at first, found before anybody looks; reasons, never a verdict."""
