"""Micro-supervisions of those who give no account: a receipt is all that leads back to them, and them to it."""
