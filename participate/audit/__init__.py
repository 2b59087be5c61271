"""Who did or saw what: appended, never edited, and sealed so that tampering shows."""
