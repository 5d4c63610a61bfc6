//! A table of figures beside the targets, of which each row is printed when it is known: what is measured later may fail.

/// Whether more or less is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    AtMost(f64),
    AtLeast(f64),
}

/// The table.
#[derive(Debug)]
pub struct Report(());

impl Report {
    /// Begins the table.
    pub fn begin() -> Report {
        println!("{:<56} {:>12} {:>20} {:>9} {:>10}", "", "Gantry", "peer", "figure", "target");
        Report(())
    }

    /// A figure of ours beside the peer's; `figure` is the ratio (or the value itself) that the aim is about.
    pub fn add(&mut self, what: &str, ours: String, peer: String, figure: f64, aim: Aim) {
        let (target, met) = match aim {
            Aim::AtMost(most) => (format!("<= {most}"), figure <= most),
            Aim::AtLeast(least) => (format!(">= {least}"), figure >= least),
        };
        let verdict = if met { "" } else { "  not reached" };
        println!("{what:<56} {ours:>12} {peer:>20} {figure:>9.2} {target:>10}{verdict}");
    }
}

/// The middle one.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// `123 ms`
pub fn millis(seconds: f64) -> String {
    format!("{:.0} ms", seconds * 1000.0)
}
