//! Texts and paths from the command line or, with `-`, from standard input.

use std::io::BufRead;

/// Calls `each` with every argument; `-` stands for the lines of standard input.
pub(crate) fn each_of(
    arguments: &[String],
    mut each: impl FnMut(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for argument in arguments {
        if argument == "-" {
            for line in std::io::stdin().lock().split(b'\n') {
                let line = line?;
                let line = line.strip_suffix(b"\r").unwrap_or(&line);
                // A line that is not UTF-8 is answered like any other that means nothing.
                each(&String::from_utf8_lossy(line))?;
            }
        } else {
            each(argument)?;
        }
    }
    Ok(())
}
