"""The keys of the desk: one table, and the dialog that is made from it."""
