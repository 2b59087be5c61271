"""The ways by which a message leaves the building, each a small adapter behind one interface."""
