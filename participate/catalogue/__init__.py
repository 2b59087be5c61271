"""What can be reported or asked for, who may be sent, and how much time they have."""
