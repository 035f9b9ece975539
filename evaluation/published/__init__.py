"""Figures as printed in an earlier publication, held against what the answers give."""
