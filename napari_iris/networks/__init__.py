"""VGG8 and U-Net: one definition, built by Keras and by Flax, with one weights file for both."""
