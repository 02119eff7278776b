"""Figures in one paper style; matplotlib is imported only when they are drawn."""
