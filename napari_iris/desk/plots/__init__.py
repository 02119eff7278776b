"""Plots in the window's own colours, by pyqtgraph; read by mouse and arrow keys."""
