//! Texts and paths from the command line or, with `-`, from standard input.

use std::io::BufRead;

/// Calls `each` with every argument; `-` stands for the lines of standard input.
pub(crate) fn each_of(
    arguments: &[String],
    mut each: impl FnMut(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for argument in arguments {
        if argument == "-" {
            for line in std::io::stdin().lock().lines() {
                each(&line?)?;
            }
        } else {
            each(argument)?;
        }
    }
    Ok(())
}
