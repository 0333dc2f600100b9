"""What those who may not review say of findings."""
