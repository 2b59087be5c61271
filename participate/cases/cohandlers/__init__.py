"""Who handles a case together with its lead, and countersigns the reply before it is given."""
