"""Parts of a case that others handle: each a case of its own, which ends with its verification."""
