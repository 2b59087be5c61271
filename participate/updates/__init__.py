"""What the submitter hears: every step, in their language, without asking."""
