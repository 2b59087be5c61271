"""Participate: one door for a city's residents, from a photo of what is broken to an answer that is kept."""
