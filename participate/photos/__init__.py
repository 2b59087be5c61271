"""Photos: intake, safety, derivatives and their storage."""
