"""The one handling core: who has a case at which level, what they did about it, and by when."""
