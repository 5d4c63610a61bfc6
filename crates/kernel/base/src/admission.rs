//! How often a caller may come, asked by whoever finds out who it is.

use std::fmt;
use std::sync::Arc;

/// Whether the caller of that ARN, where it has one, may come.
type Rule = dyn Fn(Option<&str>) -> bool + Send + Sync;

/// Goes along with a request whose caller is told only by what answers it. Cheap to clone.
#[derive(Clone)]
pub struct Admission(Arc<Rule>);

impl Admission {
    /// Admits as `admit` says, which is given the caller's ARN where it has one.
    pub fn new(admit: impl Fn(Option<&str>) -> bool + Send + Sync + 'static) -> Admission {
        Admission(Arc::new(admit))
    }

    /// Counts a request of the caller; whether it may be answered.
    pub fn admit(&self, principal: Option<&str>) -> bool {
        (self.0)(principal)
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admission")
    }
}
