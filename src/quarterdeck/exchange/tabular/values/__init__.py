"""What the text of one cell means: a day, an amount, a rating, a word."""
