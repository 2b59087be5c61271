"""How much the service costs beyond what its work costs anyone: each request beside its floor, in one run."""
