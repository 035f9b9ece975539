# Reference values for tests/inference/test_doors.py: what a study of staff gives through the three doors.
#
#   Rscript tests/inference/doors.R tests/inference/data/staff.csv > tests/inference/doors.csv
#
# staff.csv is invented (a seeded generator): clusters `unit` in strata `region`, `npop` clusters in each
# stratum of the population, weight `w`. One line per value: case, what, value.

suppressMessages(library(survey))
options(digits = 15, survey.lonely.psu = "adjust")
d <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = FALSE)
d$yes <- as.numeric(d$ja == "ja"); d$kon <- factor(d$kon); d$grupp <- factor(d$grupp)
d$two <- as.numeric(d$svar %in% 1:2)
emit <- function(case, what, value) {
  if (length(value) > 1) what <- paste0(what, "[", seq_along(value) - 1, "]")
  cat(sprintf("%s,%s,%.15g\n", case, what, as.numeric(value)), sep = "")
}
cat(sprintf("# %s; survey %s\n", R.version.string, packageVersion("survey")))
cat("case,what,value\n")

designs <- list(
  weights = svydesign(id = ~1, weights = ~w, data = d),
  strata = svydesign(id = ~1, strata = ~region, weights = ~w, data = d),
  cluster = svydesign(id = ~unit, strata = ~region, weights = ~w, data = d, nest = TRUE),
  fpc = svydesign(id = ~unit, strata = ~region, weights = ~w, fpc = ~npop, data = d, nest = TRUE)
)
for (name in names(designs)) {
  ds <- designs[[name]]
  for (k in levels(d$kon)) {
    part <- subset(ds, kon == k)
    emit(name, paste0("share_", k), coef(svymean(~yes, part)))
    for (m in c("logit", "beta", "mean", "asin"))
      emit(name, paste0(m, "_", k), confint(svyciprop(~yes, part, method = m)))
    emit(name, paste0("net_", k), confint(svyciprop(~two, part, method = "logit")))
  }
  for (m in c("logit", "beta")) emit(name, m, confint(svyciprop(~yes, ds, method = m)))
  test <- svychisq(~ja + grupp, ds, statistic = "F")
  emit(name, "rs", c(test$statistic, test$parameter, test$p.value))
  emit(name, "mean_poang", c(coef(svymean(~poang, ds)), SE(svymean(~poang, ds))))
  emit(name, "total", c(coef(svytotal(~yes, ds)), SE(svytotal(~yes, ds))))
  by <- svyby(~yes, ~vag, ds, svymean, covmat = TRUE)
  gain <- svycontrast(by, c(-1, 1))
  emit(name, "change", c(coef(gain), SE(gain), 2 * pt(-abs(coef(gain) / SE(gain)), degf(ds))))
  fit <- svyglm(yes ~ kon + grupp, ds, family = quasibinomial)
  emit(name, "glm", c(coef(fit), SE(fit)))
}

# finite population of 146, an unweighted sample of all rows (svydesign with fpc)
N <- nrow(d) + 60
srs <- svydesign(id = ~1, fpc = rep(N, nrow(d)), weights = rep(1, nrow(d)), data = d)
for (m in c("logit", "beta", "mean", "asin")) emit("finite", m, confint(svyciprop(~yes, srs, method = m)))
x <- sum(d$yes); n <- nrow(d); ne <- n * (N - 1) / (N - n)
emit("finite", "wilson", prop.test(x / n * ne, ne, correct = FALSE)$conf.int)
emit("finite", "cp", c(qbeta(.025, x / n * ne, ne * (1 - x / n) + 1), qbeta(.975, x / n * ne + 1, ne * (1 - x / n))))

# plain crosstabs
m <- table(d$ja, d$grupp); big <- table(d$svar[d$svar < 9], d$grupp[d$svar < 9])
all <- table(d$svar, d$grupp)
test <- suppressWarnings(chisq.test(all, correct = FALSE))
emit("plain", "pearson", c(test$statistic, test$parameter, test$p.value))
two <- table(d$ja, d$kon)
emit("plain", "pearson2", c(chisq.test(two, correct = FALSE)$statistic, chisq.test(two, correct = FALSE)$p.value))
emit("plain", "fisher", fisher.test(all, workspace = 2e8)$p.value)
emit("plain", "fisher2", fisher.test(two)$p.value)
e <- test$expected; o <- all
emit("plain", "lr", c(2 * sum(ifelse(o > 0, o * log(o / e), 0))))
a <- rep(row(big), big); b <- rep(col(big), big)
emit("plain", "trend", c((sum(big) - 1) * cor(a, b)^2, pchisq((sum(big) - 1) * cor(a, b)^2, 1, lower.tail = FALSE)))
keep <- d$svar < 9
kw <- kruskal.test(d$svar[keep], d$grupp[keep]); emit("plain", "kruskal", c(kw$statistic, kw$p.value))
mw <- wilcox.test(d$svar[keep & d$kon == "kvinna"], d$svar[keep & d$kon == "man"], exact = FALSE, correct = FALSE)
emit("plain", "w", c(mw$statistic, mw$p.value))
t2 <- table(d$ja, d$efter); emit("plain", "mcnemar", binom.test(t2[1, 2], t2[1, 2] + t2[2, 1])$p.value)
for (k in levels(d$kon)) {
  x <- sum(d$yes[d$kon == k]); n <- sum(d$kon == k)
  emit("plain", paste0("wilson_", k), prop.test(x, n, correct = FALSE)$conf.int)
  emit("plain", paste0("cp_", k), binom.test(x, n)$conf.int)
  emit("plain", paste0("jeffreys_", k), qbeta(c(.025, .975), x + .5, n - x + .5))
  z <- qnorm(.975); nt <- n + z^2; pt <- (x + z^2 / 2) / nt
  emit("plain", paste0("ac_", k), pt + c(-1, 1) * z * sqrt(pt * (1 - pt) / nt))
}
g <- glm(yes ~ kon + grupp, data = d, family = binomial); emit("plain", "glm", c(coef(g), sqrt(diag(vcov(g)))))
one <- svydesign(id = ~unit, weights = rep(1, nrow(d)), data = d)
cr <- svyglm(yes ~ kon + grupp, one, family = quasibinomial); emit("plain", "glm_cluster", SE(cr))
w1 <- d$poang[d$vag == "2022"]; w2 <- d$poang[d$vag == "2024"]
tt <- t.test(w2, w1); emit("plain", "welch", c(mean(w2) - mean(w1), tt$conf.int, tt$p.value))

# weighting to margins, then the mean with its error
base <- svydesign(id = ~1, weights = rep(1, nrow(d)), data = d)
sexes <- data.frame(kon = c("kvinna", "man"), Freq = c(600, 900))
groups <- data.frame(grupp = c("a", "b", "c"), Freq = c(500, 600, 400))
raked <- rake(base, list(~kon, ~grupp), list(sexes, groups), control = list(maxit = 1000, epsilon = 1e-11))
posted <- postStratify(base, ~kon, sexes)
cal <- calibrate(base, ~kon + grupp, c(`(Intercept)` = 1500, konman = 900, gruppb = 600, gruppc = 400))
for (one in c("raked", "posted", "cal")) {
  ds <- get(one)
  emit(one, "weights", weights(ds)[c(1, 2, 3, 10, 50, n)])
  emit(one, "mean", c(coef(svymean(~yes, ds)), SE(svymean(~yes, ds))))
}

# percents of rows and of the total, letters, scales, an index and its alpha, by design
d$hidden <- d$kon; d$hidden[seq(3, nrow(d), 7)] <- NA
score <- 5 - d$svar; score[d$svar == 9] <- NA; d$score <- score
d$i1 <- score; d$i2 <- ifelse(d$ja == "ja", 4, 1); d$i3 <- ifelse(d$efter == "ja", 4, 1)
d$index <- (rowMeans(d[c("i1", "i2", "i3")], na.rm = TRUE) - 1) / 3 * 100
update_all <- function(ds) update(ds, score = d$score, i1 = d$i1, i2 = d$i2, i3 = d$i3, index = d$index)
for (name in names(designs)) {
  ds <- update_all(designs[[name]])
  for (m in c("logit", "beta")) {
    emit(name, paste0("row_", m), confint(svyciprop(~I(kon == "kvinna"), subset(ds, ja == "ja"), method = m)))
    emit(name, paste0("rownet_", m), confint(svyciprop(~I(kon == "kvinna"), subset(ds, svar %in% 1:2), method = m)))
    emit(name, paste0("rowtotal_", m), confint(svyciprop(~I(kon == "kvinna"), ds, method = m)))
    emit(name, paste0("total_", m), confint(svyciprop(~I(kon == "kvinna" & ja == "ja"), ds, method = m)))
    emit(name, paste0("totalmargin_", m), confint(svyciprop(~I(ja == "ja"), ds, method = m)))
  }
  by <- svyby(~yes, ~grupp, ds, svymean)
  p <- coef(by); size <- p * (1 - p) / SE(by)^2
  emit(name, "sizes", size)
  sc <- subset(ds, !is.na(score))
  emit(name, "scale_mean", c(coef(svymean(~score, sc)), confint(svymean(~score, sc), df = degf(sc))))
  emit(name, "scale_top", c(coef(svymean(~I(score >= 3), sc))[2], coef(svymean(~I(score <= 2), sc))[2]))
  emit(name, "scale_median", coef(svyquantile(~score, sc, 0.5, qrule = "hf2", ci = FALSE))[1])
  for (k in levels(d$grupp)) {
    part <- subset(ds, grupp == k)
    emit(name, paste0("index_", k), c(coef(svymean(~index, part)), sqrt(coef(svyvar(~index, part))),
                                      confint(svymean(~index, part), df = degf(part))))
  }
  emit(name, "alpha", svycralpha(~i1 + i2 + i3, sc))
}

# weights cut at 1.5 times the mean, what is cut off shared among the others
cut <- trimWeights(raked, lower = -Inf, upper = 1.5 * mean(weights(raked)), strict = TRUE)
emit("trimmed", "weights", weights(cut)[c(1, 2, 3, 10, 50, n)])
# first-order Rao-Scott, by each design
for (name in names(designs)) {
  test <- svychisq(~ja + grupp, designs[[name]], statistic = "Chisq")
  emit(name, "rs_chisq", c(test$statistic, test$p.value))
}
# none and all of m persons: exact limits from R's own tests, and from the formulas with a population of N
m <- sum(d$ja == "ja"); whole <- m * N / nrow(d)
stopifnot(all.equal(binom.test(0, m)$conf.int[2], qbeta(.975, 1, m)))
stopifnot(all.equal(prop.test(0, m, correct = FALSE)$conf.int[2], qnorm(.975)^2 / (m + qnorm(.975)^2)))
sizes <- c(plain = m, finite = m * (whole - 1) / (whole - m))
for (what in names(sizes)) {
  size <- sizes[[what]]; z <- qnorm(.975); nt <- size + z^2; pt <- (z^2 / 2) / nt
  emit("edge", paste0("wilson_", what), c(0, z^2 / nt))
  emit("edge", paste0("clopper-pearson_", what), c(0, qbeta(.975, 1, size)))
  emit("edge", paste0("jeffreys_", what), c(0, qbeta(.975, .5, size + .5)))
  emit("edge", paste0("agresti-coull_", what), c(0, min(1, pt + z * sqrt(pt * (1 - pt) / nt))))
}
