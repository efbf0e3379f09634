"""The model: pure functions on NumPy arrays, population -> plans -> prices -> spend -> funding -> account."""
