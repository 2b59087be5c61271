"""Consultations: a question put to the people concerned, their statements and votes, and the groups of opinion."""
