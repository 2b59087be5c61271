"""Shapes of the moderation desk, by what they are about."""
