//! Tests that fail run a second time, alone.
//!
//! Two whole runs were lost to one race each in 1,300 tests, on machines that do much else. A test that fails twice
//! fails; one that passes alone is named at the end, and is a bug to mend. See `docs/decisions/0024`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::sh;

/// More failures than this are no races.
const MOST: usize = 3;

/// Runs a `cargo test`, and what failed in it once more.
///
/// The second run has the same packages and targets as the first: with others, cargo would build much anew.
pub fn run(test: impl Fn() -> Command) -> Result<()> {
    let (status, printed) = run_and_read(&mut test())?;
    if status.success() {
        return Ok(());
    }
    let Some(failed) = printed.failed() else {
        bail!("tests failed: {status}");
    };
    println!("\nOnce more, alone: {}", failed.join(", "));
    let (status, printed) = run_and_read(test().args(["--", "--exact", "--test-threads=1"]).args(&failed))?;
    if !status.success() {
        bail!("tests failed twice: {}", failed.join(", "));
    }
    let passed = printed.passed;
    if passed < failed.len() {
        bail!("of {} tests that failed, {passed} were found again", failed.len());
    }
    println!("\nFAILED ONCE, then passed alone; please mend: {}", failed.join(", "));
    Ok(())
}

/// What `cargo test` printed, as far as it is asked for.
#[derive(Debug, Default, PartialEq)]
struct Printed {
    /// How many targets cargo says have failed, and how many of these said so themselves: one that aborts does not.
    targets: usize,
    results: usize,
    /// Names of failed tests, and how many targets have one of that name.
    tests: BTreeMap<String, usize>,
    passed: usize,
    failed: usize,
}

impl Printed {
    fn take(&mut self, line: &str) {
        let test = line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED"));
        if let Some(name) = test {
            *self.tests.entry(name.to_owned()).or_default() += 1;
        }
        if let Some(result) = line.strip_prefix("test result: ") {
            self.passed += count(result, " passed");
            self.failed += count(result, " failed");
            self.results += usize::from(result.starts_with("FAILED"));
        }
        self.targets += usize::from(line.trim_start().starts_with("`-p "));
    }

    fn and(mut self, other: Self) -> Self {
        self.targets += other.targets;
        self.results += other.results;
        for (name, count) in other.tests {
            *self.tests.entry(name).or_default() += count;
        }
        self.passed += other.passed;
        self.failed += other.failed;
        self
    }

    /// None unless each failure is known by its name, and there are few.
    fn failed(self) -> Option<Vec<String>> {
        let named: usize = self.tests.values().sum();
        let known = named == self.failed && self.results == self.targets;
        (known && (1..=MOST).contains(&named)).then(|| self.tests.into_keys().collect())
    }
}

/// The number before a word: `59 passed; 1 failed`.
fn count(result: &str, word: &str) -> usize {
    let before = result.split(word).next().unwrap_or_default();
    let digits = before.rsplit(|character: char| !character.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or_default()
}

fn run_and_read(command: &mut Command) -> Result<(ExitStatus, Printed)> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} could not be started", sh::shown(command)))?;
    let stderr = child.stderr.take().expect("it is piped");
    let stdout = child.stdout.take().expect("it is piped");
    let complaints = thread::spawn(|| pass_on(stderr, std::io::stderr()));
    let printed = pass_on(stdout, std::io::stdout())?;
    let complaints = complaints.join().expect("reading does not panic")?;
    Ok((child.wait()?, printed.and(complaints)))
}

/// Shows what comes and reads it.
fn pass_on(from: impl Read, mut to: impl Write) -> Result<Printed> {
    let mut printed = Printed::default();
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        printed.take(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    Ok(printed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> Printed {
        let mut printed = Printed::default();
        text.lines().for_each(|line| printed.take(line));
        printed
    }

    const ONE: &str = "\
test a::b ... ok
test a::c ... FAILED
test result: FAILED. 59 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.87s
test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
error: 1 target failed:
    `-p gantry-node --test it`
";

    #[test]
    fn one_failure_is_known() {
        let printed = printed(ONE);
        assert_eq!((printed.passed, printed.failed), (63, 1));
        assert_eq!(printed.failed().unwrap(), ["a::c"]);
    }

    #[test]
    fn what_is_not_known_for_sure_fails() {
        let abort = "error: 1 target failed:\n    `-p gantry-node --lib`\n";
        let beside = ONE.replace("1 target failed", "2 targets failed") + "    `-p gantry-net --lib`\n";
        let unnamed = ONE.replace("a::c ...", "a::c  a line of somebody else's\n");
        let many =
            ONE.replace("1 failed", "4 failed") + "test d ... FAILED\ntest e ... FAILED\ntest f ... FAILED\n";
        let no_target = ONE.replace("`", "");
        for text in [abort, &beside, &unnamed, &many, &no_target] {
            assert_eq!(printed(text).failed(), None, "{text}");
        }
    }
}
