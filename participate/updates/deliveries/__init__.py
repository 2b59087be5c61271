"""What is sent of a person's updates beside the feed itself: one row for each fact, person and channel."""
