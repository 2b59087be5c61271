"""The running service under more than it can do, and under a district's storm."""
