//! Random sequences of requests.

use bytes::Bytes;
use gantry_store::Range;
use proptest::prelude::*;
use proptest::sample::Index;

#[derive(Debug, Clone)]
pub enum Step {
    Txn(Vec<Guess>, Vec<Write>),
    Range(u8, u8, usize, bool),
    Get(Vec<u8>),
    Grant(u8),
    Revoke(Index),
    KeepAlive(Index),
    Advance(u8),
    Hold,
    Recheck(Index),
    Watch(u8, u8, Index),
    Follow(Index),
    Compact(Index),
    Reopen,
}

/// A compare, which may or may not be true.
#[derive(Debug, Clone)]
pub enum Guess {
    /// The key is as it is now, or as it was never.
    Key(u8, bool),
    /// The range is as it was in an earlier state.
    Unchanged(u8, u8, Index),
}

#[derive(Debug, Clone)]
pub enum Write {
    Put(u8, u16, Option<Index>),
    Delete(u8),
    Append(u8, u16),
}

pub fn key(key: u8) -> Bytes {
    // Keys that begin each other, and bytes at the edges.
    let keys: [&[u8]; 8] = [b"a", b"a\0", b"a/", b"a/b", b"b", b"b\xff", b"b\xff\xff", b"\xff\xff"];
    Bytes::from_static(keys[usize::from(key) % keys.len()])
}

pub fn range(a: u8, b: u8) -> Range {
    if a == b { Range::prefix(key(a % 7)) } else { Range::new(key(a), key(b)) }
}

pub fn everything() -> Range {
    Range::new(vec![0], vec![0xff; 64])
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let k = || 0u8..8;
    let guess = prop_oneof![
        (k(), prop::bool::weighted(0.8)).prop_map(|(k, now)| Guess::Key(k, now)),
        (k(), k(), any::<Index>()).prop_map(|(a, b, at)| Guess::Unchanged(a, b, at)),
    ];
    let write = prop_oneof![
        4 => (k(), any::<u16>(), prop::option::weighted(0.3, any::<Index>())).prop_map(|(k, v, l)| Write::Put(k, v, l)),
        2 => k().prop_map(Write::Delete),
        1 => (k(), any::<u16>()).prop_map(|(k, v)| Write::Append(k, v)),
    ];
    let txn = (prop::collection::vec(guess, 0..3), prop::collection::vec(write, 0..5));
    let step = prop_oneof![
        10 => txn.prop_map(|(guesses, writes)| Step::Txn(guesses, writes)),
        3 => (k(), k(), 0usize..5, any::<bool>()).prop_map(|(a, b, limit, up)| Step::Range(a, b, limit, up)),
        2 => prop::collection::vec(k(), 0..4).prop_map(Step::Get),
        2 => (1u8..5).prop_map(Step::Grant),
        1 => any::<Index>().prop_map(Step::Revoke),
        2 => any::<Index>().prop_map(Step::KeepAlive),
        2 => (1u8..4).prop_map(Step::Advance),
        1 => Just(Step::Hold),
        1 => any::<Index>().prop_map(Step::Recheck),
        2 => (k(), k(), any::<Index>()).prop_map(|(a, b, at)| Step::Watch(a, b, at)),
        4 => any::<Index>().prop_map(Step::Follow),
        1 => any::<Index>().prop_map(Step::Compact),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..60)
}
