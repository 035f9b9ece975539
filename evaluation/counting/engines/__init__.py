"""The same tables counted by an engine that holds the data: in memory, DuckDB or Spark.

One compiler (`sql`) writes the list of tables as queries in the SQL that DuckDB
and Spark share; an engine only runs them. Nothing but finished counts leaves
the engine, and they equal those of `evaluation.counting.count` to the last bit.
"""
