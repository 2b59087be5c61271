"""Shapes of consultations, by what they are about."""
