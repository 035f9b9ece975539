"""Tables out of counts: bases, percents, intervals and tests, unrounded."""
