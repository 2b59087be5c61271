"""Reads of the moderation desk, by what they are about."""
