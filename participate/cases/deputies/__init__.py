"""Who is away for a time, and the colleague who does meanwhile what they hold."""
