"""The moves of a case, by who makes them; `cases.workflow` puts them together to one table."""
