"""From answers to a drafted codebook: every guess with a remark, nothing read from a file."""
