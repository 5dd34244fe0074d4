#: input of every kind {"stdin": "3\n1 2 3\nrest\n", "run_timeout": 60}
f <- file("stdin"); open(f); n <- as.integer(readLines(f, 1)); x <- scan(f, n = n, quiet = TRUE); cat(n, sum(x), readLines(f), "\n")
#: errors, warnings, quit {"run_timeout": 60}
warning("warned"); tryCatch(stop("caught"), error = function(e) cat(conditionMessage(e), "\n")); quit(status = 5)
#: an error that nobody catches {"run_timeout": 60}
f <- function(x) stop("no"); f(1)
#: random numbers, locale, files {"run_timeout": 60}
set.seed(1); cat(runif(1), Sys.getlocale("LC_CTYPE"), nchar("é"), file.exists(tempdir()), length(commandArgs(TRUE)), Sys.timezone(), "\n"); message("to stderr"); print(summary(c(1, 2, 3)))
#: deep recursion {"run_timeout": 60}
f <- function(n) if (n == 0) 0 else 1 + f(n - 1); cat(f(200), "\n")
#: system, signals {"run_timeout": 60}
cat(system("exit 3"), system("echo hi", intern = TRUE), "\n"); tools::pskill(Sys.getpid())
