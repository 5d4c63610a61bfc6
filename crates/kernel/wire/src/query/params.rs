//! `a=b&c=d`: forms and query strings.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::limits::{Fault, Limits};

/// Names and values in the order sent, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(pub Vec<(String, String)>);

impl Params {
    /// Reads a form or a query string. `+` is a space.
    pub fn parse(text: &[u8], limits: &Limits) -> Result<Params, Fault> {
        if text.len() > limits.body {
            return Err(Fault::limit(format!("The request is larger than {} bytes", limits.body)));
        }
        let mut params = Vec::new();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if params.len() == limits.params {
                return Err(Fault::limit(format!("The request has more than {} parameters", limits.params)));
            }
            let at = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = match at {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            params.push((decode(name)?, decode(value)?));
        }
        Ok(Params(params))
    }

    /// The last value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

fn decode(raw: &[u8]) -> Result<String, Fault> {
    for (at, byte) in raw.iter().enumerate() {
        let escaped = |offset: usize| raw.get(at + offset).is_some_and(u8::is_ascii_hexdigit);
        if *byte == b'%' && !(escaped(1) && escaped(2)) {
            return Err(Fault::syntax("The query string contains a syntax error"));
        }
    }
    let spaced: Cow<'_, [u8]> = if raw.contains(&b'+') {
        raw.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect::<Vec<u8>>().into()
    } else {
        raw.into()
    };
    match percent_decode(&spaced).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(Fault::syntax("The query string is not UTF-8")),
    }
}
