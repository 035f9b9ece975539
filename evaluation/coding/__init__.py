"""From raw cells to small integer codes, with an account of every row."""
