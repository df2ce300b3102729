//! What is said to the person in front: results on standard output, everything else on standard error.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line's output is made here and nowhere else"
)]

/// A line of the result.
pub(crate) fn result(line: impl std::fmt::Display) {
    println!("{line}");
}

/// A line about what is going on.
pub(crate) fn note(line: impl std::fmt::Display) {
    eprintln!("{line}");
}

/// An error with all its causes, once each.
pub(crate) fn error(error: &anyhow::Error) {
    let mut told = error.to_string();
    eprintln!("error: {told}");
    for cause in error.chain().skip(1) {
        let words = cause.to_string();
        if !told.contains(&words) {
            eprintln!("  because: {words}");
            told = words;
        }
    }
}
