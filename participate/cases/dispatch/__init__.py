"""To whom a new case goes: rules as data, in versions, each of which can be tried on what was before it counts."""
