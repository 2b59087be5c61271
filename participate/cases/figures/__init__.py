"""What became of cases, in numbers: by day, for an area, a unit or a person."""
