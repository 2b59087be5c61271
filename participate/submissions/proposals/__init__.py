"""What only proposals have: those who sign them too, the number under which one is filed, and the list of those."""
