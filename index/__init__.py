"""Articles come in, become sentences with exact offsets, passages and vectors, and are found again."""
