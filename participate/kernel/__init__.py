"""What every room stands on; nothing in here knows a room."""
