"""What people do about plans that wait for approval: look, sign, reject."""
