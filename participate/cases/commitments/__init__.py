"""What a final reply promises for later: by whom, until when, and whether it was kept; everyone may see it."""
