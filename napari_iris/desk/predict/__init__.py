"""What a model says of the frame in view and of a night, and the truth it is held against."""
