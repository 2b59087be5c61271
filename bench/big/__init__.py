"""A city after ten days and after three years: what every list costs at 10,000 submissions and at 1,000,000."""
