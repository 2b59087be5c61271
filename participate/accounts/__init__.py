"""Who you are: sign-in, sessions, roles and the scope in which each holds."""
