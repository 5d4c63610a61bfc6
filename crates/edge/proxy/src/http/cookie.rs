//! Cookies by which clients stay with their targets and groups. What they hold is sealed, so that nobody learns or
//! chooses a target by them.

use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

/// Seals what cookies hold.
pub struct Jar(XChaCha20Poly1305);

/// The cookie of duration-based stickiness.
pub const BALANCER: &str = "AWSALB";
/// That of application-based stickiness.
pub const APPLICATION: &str = "AWSALBAPP-0";
/// That of target group stickiness.
pub const GROUP: &str = "AWSALBTG";

const NONCE: usize = 24;

impl Jar {
    /// A jar with this key.
    pub fn new(key: &[u8; 32]) -> Jar {
        Jar(XChaCha20Poly1305::new(key.into()))
    }

    /// What a cookie of this name and place holds, until a time in seconds.
    pub fn seal(&self, place: &str, what: &str, until: u64) -> String {
        let nonce: [u8; NONCE] = rand::random();
        let payload =
            Payload { msg: &[&until.to_be_bytes(), what.as_bytes()].concat(), aad: place.as_bytes() };
        let sealed = self.0.encrypt(XNonce::from_slice(&nonce), payload).unwrap_or_default();
        BASE64.encode([nonce.as_slice(), &sealed].concat())
    }

    /// What a cookie holds, if it was sealed for this place and is not too old.
    pub fn open(&self, place: &str, cookie: &str, now: u64) -> Option<String> {
        let bytes = BASE64.decode(cookie).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let plain = self.0.decrypt(XNonce::from_slice(nonce), payload).ok()?;
        let (until, what) = plain.split_at_checked(8)?;
        let until = u64::from_be_bytes(until.try_into().ok()?);
        (now < until).then(|| String::from_utf8(what.to_vec()).ok())?
    }

    /// The target that a cookie leads to.
    pub fn target(&self, place: &str, cookie: &str, now: u64) -> Option<SocketAddr> {
        self.open(place, cookie, now)?.parse().ok()
    }
}

/// The value of a client's cookie.
pub fn given<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // Others may hold any bytes.
    let pairs = headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let pairs = pairs.filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Sets a cookie and its twin for requests from other sites.
pub fn set(headers: &mut HeaderMap, name: &str, value: &str, seconds: u32, until: u64, secure: bool) {
    let expires = date(until);
    let mut add = |text: String| {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.append(SET_COOKIE, value);
        }
    };
    // Application cookies end with the session.
    let lasts = if seconds > 0 { format!("; Expires={expires}") } else { String::new() };
    add(format!("{name}={value}{lasts}; Path=/"));
    if name != APPLICATION {
        let secure = if secure { "; Secure" } else { "" };
        add(format!("{name}CORS={value}{lasts}; Path=/; SameSite=None{secure}"));
    }
}

/// Whether an answer sets this cookie.
pub fn sets(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(SET_COOKIE).iter().any(|value| {
        let mut parts = value.as_bytes().splitn(2, |byte| *byte == b'=');
        let key = parts.next().unwrap_or_default();
        parts.next().is_some() && key.trim_ascii() == name.as_bytes()
    })
}

/// Seconds since the epoch as HTTP writes them: `Thu, 01 Jan 1970 00:00:00 GMT`.
fn date(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let weekday = DAYS[usize::try_from(days % 7).unwrap_or(0)];
    let (mut year, mut day) = (1970, days);
    let leap = |year: u64| (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (rest / 3600, rest % 3600 / 60, rest % 60);
    format!("{weekday}, {:02} {} {year} {hour:02}:{minute:02}:{second:02} GMT", day + 1, MONTHS[month])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_opens_in_its_place_and_time_only() {
        let jar = Jar::new(&[7; 32]);
        let sealed = jar.seal("group", "10.0.0.1:80", 100);
        assert_eq!(jar.target("group", &sealed, 99), "10.0.0.1:80".parse().ok());
        assert_eq!(jar.target("group", &sealed, 100), None);
        assert_eq!(jar.target("other", &sealed, 99), None);
        assert_eq!(Jar::new(&[8; 32]).target("group", &sealed, 99), None);
        assert_eq!(jar.target("group", "x", 99), None);
    }

    #[test]
    fn dates_are_right() {
        assert_eq!(date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(date(951_827_696), "Tue, 29 Feb 2000 12:34:56 GMT");
        assert_eq!(date(1_795_632_600), "Wed, 25 Nov 2026 18:50:00 GMT");
    }
}
