"""Who wrote a micro-supervision: told to one who has asked with a reason, once another person agrees."""
