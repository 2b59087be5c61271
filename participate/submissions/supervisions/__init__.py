"""What a micro-supervision watches over, and who must not learn of it."""
