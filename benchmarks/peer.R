# Counts tables in R for benchmarks/peers_r.py: reads the columns of a folder,
# then for each line of standard input (method, tab, row:column:options ...) counts
# the tables and prints the seconds.
suppressPackageStartupMessages({
  library(data.table)
  has_survey <- requireNamespace("survey", quietly = TRUE)
})
folder <- commandArgs(trailingOnly = TRUE)[1]
meta <- fread(file.path(folder, "columns.csv"))
read_column <- function(name, size, n) {
  what <- if (size == 8) numeric() else integer()
  readBin(file.path(folder, paste0(name, ".bin")), what, n, size = size)
}
DT <- setDT(setNames(Map(read_column, meta$name, meta$size, meta$n), meta$name))

by_table <- function(row, column, options) {
  keys <- column[nzchar(column)]
  if (!length(options)) return(DT[, .(n = .N, wn = sum(weight)), by = c(row, keys)])
  list(DT[, lapply(.SD, sum), by = keys, .SDcols = options],
       DT[, lapply(.SD, function(x) sum(x * weight)), by = keys, .SDcols = c(options)])
}
if (has_survey) design <- survey::svydesign(ids = ~1, weights = ~weight, data = as.data.frame(DT))
by_survey <- function(row, column, options) {
  for (name in if (length(options)) options else row) {
    formula <- reformulate(c(name, column[nzchar(column)]))
    xtabs(formula, DT)
    survey::svytable(formula, design)
  }
}
input <- file("stdin", "r")
cat("ready\n")
while (length(line <- readLines(input, n = 1)) > 0) {
  parts <- strsplit(line, "\t")[[1]]
  count <- if (parts[1] == "survey") by_survey else by_table
  for (table in strsplit(parts[-1], ":", fixed = TRUE)) {
    count(table[1], if (length(table) > 1) table[2] else "", table[-(1:2)])
  }
  cat("done\n")
}
