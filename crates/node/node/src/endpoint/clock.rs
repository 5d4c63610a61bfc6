//! How far the machine's clock may be off, as the kernel keeps account of it.

use gantry_base::{Clock, SystemClock};
use serde_json::{Value, json};

/// In the words of the metadata of Fargate.
pub fn drift() -> Value {
    // SAFETY: a timex is numbers, and all zeros asks for nothing but to be filled.
    let mut state: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel writes a timex there, and nowhere else.
    let answer = unsafe { libc::adjtimex(&raw mut state) };
    let synchronized = answer >= 0 && answer != libc::TIME_ERROR && state.status & libc::STA_UNSYNC == 0;
    let status = if synchronized { "SYNCHRONIZED" } else { "NOT_SYNCHRONIZED" };
    let now = SystemClock.now().to_rfc3339();
    // In milliseconds; the kernel has microseconds.
    let bound = state.maxerror as f64 / 1000.0;
    json!({"ClockErrorBound": bound, "ReferenceTimestamp": now, "ClockSynchronizationStatus": status})
}
