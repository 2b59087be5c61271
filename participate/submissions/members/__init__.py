"""What members do in their office: which proposals they file and sign, and which suggestions they take charge of."""
