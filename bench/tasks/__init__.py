"""What is learnt and how it is scored."""
