# Reference values for tests/inference, computed with R.
#
#   Rscript tests/inference/reference.R FOLDER-OF-CSV > tests/inference/reference.csv
#
# FOLDER-OF-CSV holds apistrat.csv, apiclus1.csv (data of the survey package) and birthwt.csv (MASS).
# One line per value: case, what, value. The cases are named by what they test; the calls are here.

suppressMessages({library(survey); library(MASS)})
options(digits = 15, survey.lonely.psu = "fail")
folder <- commandArgs(TRUE)[1]
read <- function(name) read.csv(file.path(folder, name), stringsAsFactors = TRUE)
strat <- read("apistrat.csv"); clus <- read("apiclus1.csv"); birth <- read("birthwt.csv")

emit <- function(case, what, value) {
  if (length(value) > 1) what <- paste0(what, "[", seq_along(value) - 1, "]")
  cat(sprintf("%s,%s,%.15g\n", case, what, as.numeric(value)), sep = "")
}
cat(sprintf("# %s; survey %s; MASS %s\n", R.version.string, packageVersion("survey"), packageVersion("MASS")))
cat("case,what,value\n")

# --- crosstabs -----------------------------------------------------------------------------
tables <- list(
  likert_5x3 = rbind(c(2, 7, 1), c(5, 6, 4), c(9, 4, 11), c(12, 3, 9), c(4, 2, 14)),
  zeros_3x4 = rbind(c(0, 3, 0, 5), c(8, 0, 2, 0), c(1, 4, 6, 0)),
  wide_2x6 = rbind(c(3, 0, 7, 4, 1, 9), c(6, 5, 2, 4, 8, 1)),
  square_4x4 = rbind(c(8, 3, 1, 2), c(2, 9, 4, 1), c(1, 2, 7, 3), c(0, 4, 2, 6)),
  one_zero_2x2 = rbind(c(0, 9), c(7, 6)),
  even_2x2 = rbind(c(5, 5), c(5, 5)),
  tall_6x3 = rbind(c(3, 2, 1), c(1, 4, 0), c(2, 2, 2), c(5, 0, 1), c(0, 1, 6), c(2, 3, 1)),
  large_2x2 = rbind(c(1434, 1347), c(330, 388)),
  large_3x3 = rbind(c(60, 41, 30), c(44, 52, 47), c(30, 38, 58))
)
for (name in names(tables)) {
  m <- tables[[name]]
  test <- suppressWarnings(chisq.test(m, correct = FALSE))
  emit(name, "pearson", test$statistic); emit(name, "df", test$parameter); emit(name, "p", test$p.value)
  emit(name, "expected", as.vector(t(test$expected))); emit(name, "residuals", as.vector(t(test$stdres)))
  if (all(dim(m) == 2)) {
    yates <- suppressWarnings(chisq.test(m))
    emit(name, "yates", yates$statistic); emit(name, "yates_p", yates$p.value)
  }
  if (all(m > 0)) {
    fit <- loglm(~1 + 2, m)
    emit(name, "lr", fit$lrt); emit(name, "lr_p", pchisq(fit$lrt, fit$df, lower.tail = FALSE))
  }
  emit(name, "fisher", fisher.test(m, workspace = 2e7)$p.value)
  x <- rep(row(m), m); y <- rep(col(m), m)
  emit(name, "trend", (sum(m) - 1) * cor(x, y)^2)
  emit(name, "trend_p", pchisq((sum(m) - 1) * cor(x, y)^2, 1, lower.tail = FALSE))
  kw <- kruskal.test(x, y)
  emit(name, "kruskal", kw$statistic); emit(name, "kruskal_p", kw$p.value)
  if (ncol(m) == 2) {
    mw <- wilcox.test(x[y == 1], x[y == 2], exact = FALSE, correct = FALSE)
    emit(name, "w", mw$statistic); emit(name, "w_p", mw$p.value)
    emit(name, "w_p_corrected", wilcox.test(x[y == 1], x[y == 2], exact = FALSE, correct = TRUE)$p.value)
  }
  # limits of the noncentrality by pchisq, turned into Cramer's V
  limit <- function(prob) {
    f <- function(l) pchisq(test$statistic, test$parameter, ncp = l) - prob
    if (f(0) <= 0) 0 else uniroot(f, c(0, 5 * test$statistic + 100), tol = 1e-12)$root
  }
  nk <- sum(m) * (min(dim(m)) - 1)
  v <- sqrt(test$statistic / nk)
  emit(name, "v", v)
  emit(name, "v_low", min(v, sqrt(limit(.975) / nk))); emit(name, "v_high", max(v, min(1, sqrt(limit(.025) / nk))))
}
emit("goodness", "statistic", chisq.test(c(79, 11), p = c(.6, .4))$statistic)
emit("goodness", "p", chisq.test(c(79, 11), p = c(.6, .4))$p.value)
emit("bowker", "statistic", mcnemar.test(tables$large_3x3)$statistic)
emit("bowker", "p", mcnemar.test(tables$large_3x3)$p.value)
emit("mcnemar", "chi2_corrected", mcnemar.test(rbind(c(30, 12), c(4, 44)))$statistic)
emit("mcnemar", "chi2_corrected_p", mcnemar.test(rbind(c(30, 12), c(4, 44)))$p.value)
emit("mcnemar", "exact_17_5", binom.test(17, 22)$p.value)

# --- proportions ----------------------------------------------------------------------------
for (case in list(c(0, 7), c(3, 7), c(7, 7), c(79, 90), c(1, 1341), c(13, 758))) {
  x <- case[1]; n <- case[2]; name <- sprintf("prop_%d_%d", x, n)
  for (level in c(.9, .95, .99)) {
    emit(name, sprintf("wilson_%g", level), prop.test(x, n, correct = FALSE, conf.level = level)$conf.int)
    emit(name, sprintf("clopper-pearson_%g", level), binom.test(x, n, conf.level = level)$conf.int)
  }
}
for (case in list(c(79, 90, 146), c(3, 45, 50), c(44, 45, 300), c(21, 43, 90), c(25, 90, Inf))) {
  y <- rep(1:0, c(case[1], case[2] - case[1])); N <- case[3]
  data <- data.frame(y = y, N = N)
  design <- if (is.finite(N)) svydesign(id = ~1, fpc = ~N, data = data) else svydesign(id = ~1, weights = ~1, data = data)
  for (method in c("logit", "beta", "mean", "asin"))
    emit(sprintf("fpc_%d_%d_%g", case[1], case[2], N), method, attr(svyciprop(~y, design, method = method), "ci"))
}
diff <- prop.test(c(40, 25), c(80, 70), correct = FALSE)
emit("two_samples", "wald", diff$conf.int); emit("two_samples", "p", diff$p.value)

# --- designs --------------------------------------------------------------------------------
designs <- list(
  strat = svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat),
  strat_nofpc = svydesign(id = ~1, strata = ~stype, weights = ~pw, data = strat),
  clus = svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = clus),
  weights = svydesign(id = ~1, weights = ~pw, data = strat),
  both = svydesign(id = ~dnum, strata = ~awards, weights = ~pw, data = clus, nest = TRUE)
)
for (name in names(designs)) {
  d <- designs[[name]]
  m <- svymean(~stype, d, deff = TRUE)
  emit(name, "stype", coef(m)); emit(name, "stype_se", SE(m)); emit(name, "df", degf(d))
  if (name != "both") emit(name, "stype_deff", deff(m))
  m <- svymean(~api00, subset(d, sch.wide == "Yes"), deff = TRUE)
  emit(name, "domain", coef(m)); emit(name, "domain_se", SE(m)); emit(name, "domain_deff", deff(m))
  emit(name, "domain_df", degf(subset(d, sch.wide == "Yes")))
  emit(name, "domain_ci", confint(m, df = degf(subset(d, sch.wide == "Yes"))))
  emit(name, "replace", deff(svymean(~api00, d, deff = "replace")))
  t <- svytotal(~enroll, d, deff = TRUE, na.rm = TRUE)
  emit(name, "total", coef(t)); emit(name, "total_se", SE(t)); emit(name, "total_deff", deff(t))
  r <- svyratio(~meals, ~ell, d, na.rm = TRUE)
  emit(name, "ratio", coef(r)); emit(name, "ratio_se", SE(r))
  b <- svyby(~comp.imp, ~stype, d, svymean, na.rm = TRUE)
  emit(name, "by", as.vector(t(coef(b)))); emit(name, "by_se", as.vector(unlist(t(SE(b)))))
  for (method in c("logit", "beta", "asin", "mean"))
    emit(name, paste0("ci_", method), attr(svyciprop(~I(comp.imp == "Yes"), d, method = method), "ci"))
  emit(name, "ci_domain", attr(svyciprop(~I(comp.imp == "Yes"), subset(d, sch.wide == "Yes"), method = "beta"), "ci"))
  for (s in c("F", "Chisq")) {
    x <- svychisq(~stype + comp.imp, d, statistic = s)
    emit(name, paste0("chisq_", s), x$statistic); emit(name, paste0("chisq_", s, "_p"), x$p.value)
    emit(name, paste0("chisq_", s, "_df"), x$parameter)
  }
  x <- svychisq(~stype + comp.imp, subset(d, sch.wide == "Yes"))
  emit(name, "chisq_domain", x$statistic); emit(name, "chisq_domain_p", x$p.value)
  g <- svyglm(I(awards == "Yes") ~ stype + meals + api99, d, family = quasibinomial)
  if (name != "both") {
    emit(name, "glm", coef(g)); emit(name, "glm_se", SE(g)); emit(name, "glm_df", g$df.residual)
    emit(name, "glm_ci", as.vector(t(confint(g, level = .9)))); emit(name, "glm_p", coef(summary(g))[, 4])
  }
}
b <- svyby(~api00, ~sch.wide, designs$clus, svymean, covmat = TRUE)
d <- svycontrast(b, c(-1, 1))
emit("clus", "difference", coef(d)); emit("clus", "difference_se", SE(d))

# strata with a single cluster: three schools districts set apart
lonely <- transform(clus, part = ifelse(dnum == 61, "a", ifelse(dnum == 135, "b", "c")))
for (how in c("certainty", "adjust", "average")) {
  options(survey.lonely.psu = how)
  d <- svydesign(id = ~dnum, strata = ~part, weights = ~pw, data = lonely)
  emit("lonely", how, SE(svymean(~api00, d))); emit("lonely", paste0(how, "_total"), SE(svytotal(~enroll, d, na.rm = TRUE)))
}
options(survey.lonely.psu = "fail")

# --- weighting ------------------------------------------------------------------------------
types <- data.frame(stype = c("E", "H", "M"), Freq = c(4421, 755, 1018))
wide <- data.frame(sch.wide = c("No", "Yes"), Freq = c(1072, 5122))
award <- data.frame(awards = c("No", "Yes"), Freq = c(2012, 4182))
exact <- list(maxit = 1000, epsilon = 1e-11, verbose = FALSE)
weighted <- list(
  post = postStratify(designs$clus, ~stype, types),
  rake3 = rake(designs$clus, list(~stype, ~sch.wide, ~awards), list(types, wide, award), control = exact),
  rake_strat = rake(designs$strat, list(~sch.wide, ~awards), list(wide, award), control = exact),
  greg = calibrate(designs$clus, ~stype + sch.wide, c("(Intercept)" = 6194, stypeH = 755, stypeM = 1018, sch.wideYes = 5122)),
  twice = postStratify(postStratify(designs$clus, ~stype, types), ~sch.wide, wide)
)
for (name in names(weighted)) {
  d <- weighted[[name]]
  m <- svymean(~api00 + meals, d); t <- svytotal(~meals, d)
  emit(name, "weights", weights(d)[1:8]); emit(name, "mean", coef(m)); emit(name, "mean_se", SE(m))
  emit(name, "total", coef(t)); emit(name, "total_se", SE(t))
  m <- svymean(~api00, subset(d, comp.imp == "Yes"))
  emit(name, "domain", coef(m)); emit(name, "domain_se", SE(m))
  x <- svychisq(~stype + comp.imp, d)
  emit(name, "chisq", x$statistic); emit(name, "chisq_p", x$p.value)
}
w <- weights(weighted$rake3)
emit("kish", "effective", sum(w)^2 / sum(w^2)); emit("kish", "deff", length(w) * sum(w^2) / sum(w)^2)
emit("trim", "once", weights(trimWeights(weighted$rake3, upper = 45, lower = 28))[c(1, 2, 10, 30, 100)])
emit("trim", "strict", weights(trimWeights(weighted$rake3, upper = 45, lower = 28, strict = TRUE))[c(1, 2, 10, 30, 100)])

# --- scales ---------------------------------------------------------------------------------
counts <- c(4, 9, 20, 31, 26); scores <- rep(1:5, counts)
emit("scale", "mean", mean(scores)); emit("scale", "ci", t.test(scores)$conf.int)
emit("scale", "sd", sd(scores)); emit("scale", "median", median(scores))
balance <- rep(c(-1, -1, 0, 1, 1), counts)
emit("scale", "balance", mean(balance)); emit("scale", "balance_ci", t.test(balance)$conf.int)
items <- with(birth, cbind(age, lwt / 5, bwt / 100, ftv * 4))
k <- ncol(items); n <- nrow(items)
alpha <- k / (k - 1) * (1 - sum(apply(items, 2, var)) / var(rowSums(items)))
emit("alpha", "alpha", alpha)
emit("alpha", "ci", 1 - (1 - alpha) * qf(c(.975, .025), n - 1, (n - 1) * (k - 1)))
emit("alpha", "without", sapply(1:k, function(j) { x <- items[, -j]; (k - 1) / (k - 2) * (1 - sum(apply(x, 2, var)) / var(rowSums(x))) }))
emit("alpha", "item_rest", sapply(1:k, function(j) cor(items[, j], rowSums(items[, -j]))))

# --- waves ----------------------------------------------------------------------------------
a <- birth$bwt[birth$smoke == 0]; b <- birth$bwt[birth$smoke == 1]
emit("welch", "p", t.test(b, a)$p.value); emit("welch", "ci", t.test(b, a)$conf.int); emit("welch", "df", t.test(b, a)$parameter)
x <- birth$lwt; y <- birth$bwt / 20
emit("paired_t", "p", t.test(y, x, paired = TRUE)$p.value); emit("paired_t", "ci", t.test(y, x, paired = TRUE)$conf.int)

# --- models ---------------------------------------------------------------------------------
g <- glm(low ~ age + lwt + factor(race) + smoke + ht, binomial, birth)
emit("glm", "coef", coef(g)); emit("glm", "se", sqrt(diag(vcov(g)))); emit("glm", "p", coef(summary(g))[, 4])
emit("glm", "ci", as.vector(t(confint.default(g)))); emit("glm", "loglik", logLik(g))
emit("glm", "null", logLik(update(g, . ~ 1)))
c1 <- svyglm(low ~ age + lwt + smoke, svydesign(id = ~age, weights = ~1, data = birth), family = quasibinomial)
emit("cluster", "se", SE(c1)); emit("cluster", "p", coef(summary(c1))[, 4]); emit("cluster", "df", c1$df.residual)

# --- p-values -------------------------------------------------------------------------------
p <- c(.012, .0004, .31, .049, .049, .8, 1, .02)
for (m in c("bonferroni", "holm", "BH")) emit("p_adjust", m, p.adjust(p, m))
emit("columns", "p", sapply(list(c(1, 2), c(1, 3), c(2, 3)), function(i)
  prop.test(c(30, 12, 25)[i], c(50, 40, 60)[i], correct = FALSE)$p.value))
