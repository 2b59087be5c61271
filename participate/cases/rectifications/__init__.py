"""What a supervision leads to: an opinion, the plan of the unit watched, what was done, a look by another, a result."""
