"""What a run says: tables for the terminal and for other programs."""
