"""Charts: one `ChartBlock` drawn twice, as static SVG and as a plotly figure."""
