"""The thing itself: six kinds of submission, their journey, and who sees what of it."""
