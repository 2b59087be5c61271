"""The devices on which a person is told by web push."""
