"""A file of the user's own: read exactly or refused, then split into training and test rows."""
