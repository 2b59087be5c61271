"""What people follow without having a part in it: a submission, a category in an area, what closes in a cell."""
