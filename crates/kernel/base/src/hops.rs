//! Headers of HTTP that belong to one connection, which whoever passes a message on takes off.
//!
//! <https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1>

use http::header::{CONNECTION, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// Removes what belongs to one connection only. What the protocol is to change to stays where it is meant.
pub fn remove_hops(headers: &mut HeaderMap, keep_upgrade: bool) {
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
            .filter(|name| !(keep_upgrade && *name == UPGRADE))
            .collect();
        for name in named {
            headers.remove(name);
        }
    }
    let trailers = headers.get(TE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"trailers"));
    for name in [CONNECTION, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    headers.remove(KEEP_ALIVE);
    headers.remove(PROXY_CONNECTION);
    if !trailers {
        headers.remove(TE);
    }
    if keep_upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    } else {
        headers.remove(UPGRADE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_for_the_other_end_stays() {
        let given = [
            ("connection", "x-mine, Upgrade"),
            ("x-mine", "1"),
            ("upgrade", "websocket"),
            ("te", "trailers"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("accept", "*/*"),
        ];
        let headers =
            given.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let mut kept: HeaderMap = headers.iter().cloned().collect();
        remove_hops(&mut kept, true);
        let mut names: Vec<&str> = kept.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "connection", "te", "upgrade"]);
        assert_eq!(kept[CONNECTION], "upgrade");

        let mut plain: HeaderMap = headers.into_iter().collect();
        let odd = HeaderValue::from_bytes("x-mine, \u{e9}".as_bytes()).unwrap();
        plain.insert(CONNECTION, odd);
        remove_hops(&mut plain, false);
        let mut names: Vec<&str> = plain.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "te"]);
    }
}
