"""The night against time: level, clear sky, cloud cover and status of every frame."""
