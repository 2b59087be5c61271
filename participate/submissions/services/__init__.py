"""What is asked for of the service list: who may, and how long it was said to take."""
