"""Notices to an area (a storm, water that is cut): to whoever follows a cell in it."""
