//! What is remembered of what was asked for.

use gantry_base::Timestamp;
use gantry_service::Cx;
use gantry_store::Tx;

use crate::CloudMap;
use crate::tables::{
    OPERATIONS, OPERATIONS_BY_TIME, Operation, Outcome, Target, operation_key, operation_time_key,
};

/// An id of AWS's form: 32 letters and digits, a hyphen, and the time in milliseconds in base 36.
pub fn new_id(service: &CloudMap, at: Timestamp) -> String {
    const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut rest = u64::try_from(at.as_millis()).unwrap_or(0);
    let mut time = [b'0'; 8];
    for digit in time.iter_mut().rev() {
        *digit = DIGITS[(rest % 36) as usize];
        rest /= 36;
    }
    format!(
        "{}-{}",
        service.ids.text(32, b"abcdefghijklmnopqrstuvwxyz234567"),
        String::from_utf8_lossy(&time)
    )
}

/// Writes an operation that is over with the transaction, and answers its id.
pub fn done(service: &CloudMap, tx: &mut Tx, cx: &Cx, kind: &str, target: Target) -> String {
    let id = new_id(service, cx.now);
    write(tx, cx, id, kind, target, Outcome::Success)
}

/// Writes an operation of that id.
pub fn write(tx: &mut Tx, cx: &Cx, id: String, kind: &str, target: Target, outcome: Outcome) -> String {
    let row = Operation { id, kind: kind.to_owned(), target, outcome, at: cx.now, unlisted: false };
    put(tx, cx, &row);
    row.id
}

/// Writes an operation.
pub fn put(tx: &mut Tx, cx: &Cx, row: &Operation) {
    tx.put(&OPERATIONS, &operation_key(cx.account, &cx.region, &row.id), row);
    tx.put(&OPERATIONS_BY_TIME, &operation_time_key(row.at, cx.account, &cx.region, &row.id), &());
}

/// Forgets an operation.
pub fn forget(tx: &mut Tx, cx: &Cx, row: &Operation) {
    tx.delete(&OPERATIONS, &operation_key(cx.account, &cx.region, &row.id));
    tx.delete(&OPERATIONS_BY_TIME, &operation_time_key(row.at, cx.account, &cx.region, &row.id));
}
