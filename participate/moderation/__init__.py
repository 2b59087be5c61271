"""The CPPCC desk: what waits for a first look, who has it in hand, and what was decided."""
