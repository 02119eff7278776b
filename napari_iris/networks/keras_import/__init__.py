"""Import published Keras models."""
