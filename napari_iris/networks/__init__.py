"""VGG8 and U-Net: one architecture and one weights file for Keras, Flax and OpenVINO."""
