"""Judgement about books: pure, no input or output, no clock."""
