//! Docker's `syslog` driver: to a daemon on this machine or over the network.

use std::collections::HashMap;
use std::io;

use gantry_base::Timestamp;
use gantry_node_proto::v1;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket, UnixDatagram, UnixStream};

use super::{CONNECT, Source, WRITE, tag, within};
use crate::logs::lines::Event;

const FACILITIES: [&str; 24] = [
    "kern",
    "user",
    "mail",
    "daemon",
    "auth",
    "syslog",
    "lpr",
    "news",
    "uucp",
    "cron",
    "authpriv",
    "ftp",
    "ntp",
    "security",
    "console",
    "solaris-cron",
    "local0",
    "local1",
    "local2",
    "local3",
    "local4",
    "local5",
    "local6",
    "local7",
];
const DAEMON: u8 = 3;
const INFO: u8 = 6;
const ERROR: u8 = 3;

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Rfc3164,
    Rfc5424,
    Rfc5424Micro,
    /// What a daemon on the same machine is told: no hostname.
    Local,
}

pub struct Syslog {
    to: Address,
    facility: u8,
    format: Format,
    tag: String,
    hostname: String,
    open: Option<Connection>,
}

enum Address {
    Unix(String),
    Tcp(String),
    Udp(String),
}

enum Connection {
    Datagrams(UnixDatagram),
    Udp(UdpSocket),
    Stream(Box<dyn AsyncWrite + Send + Unpin>),
}

impl Syslog {
    pub fn new(options: &HashMap<String, String>, source: &Source) -> Result<Self, String> {
        let to = match options.get("syslog-address").map(String::as_str) {
            None | Some("") => Address::Unix("/dev/log".to_owned()),
            Some(text) => address(text)?,
        };
        let facility = match options.get("syslog-facility").map(String::as_str) {
            None | Some("") => DAEMON,
            Some(name) => facility(name).ok_or_else(|| format!("invalid syslog facility {name:?}"))?,
        };
        let format = match (options.get("syslog-format").map(String::as_str), &to) {
            (None | Some(""), Address::Unix(_)) => Format::Local,
            (None | Some("" | "rfc3164"), _) => Format::Rfc3164,
            (Some("rfc5424"), _) => Format::Rfc5424,
            (Some("rfc5424micro"), _) => Format::Rfc5424Micro,
            (Some(other), _) => return Err(format!("invalid syslog format {other:?}")),
        };
        let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Ok(Self {
            to,
            facility,
            format,
            tag: tag(options, source)?,
            hostname: hostname.trim().to_owned(),
            open: None,
        })
    }

    pub async fn open(&mut self) -> io::Result<()> {
        if self.open.is_none() {
            self.open = Some(within(CONNECT, connect(&self.to)).await?);
        }
        Ok(())
    }

    pub async fn take(&mut self, output: v1::Output, events: &[Event]) -> io::Result<()> {
        self.open().await?;
        let severity = if output == v1::Output::Stderr { ERROR } else { INFO };
        let lines: Vec<String> = events.iter().map(|event| self.line(severity, event)).collect();
        let Some(connection) = &mut self.open else { return Err(io::ErrorKind::NotConnected.into()) };
        let sent = within(WRITE, send(connection, &lines)).await;
        if sent.is_err() {
            self.open = None;
        }
        sent
    }

    fn line(&self, severity: u8, event: &Event) -> String {
        let priority = self.facility * 8 + severity;
        let (pid, tag, host) = (std::process::id(), &self.tag, &self.hostname);
        let at = Timestamp::from_millis(event.timestamp_ms).to_rfc3339();
        let message = &event.message;
        match self.format {
            Format::Local => format!("<{priority}>{} {tag}[{pid}]: {message}", stamp(&at)),
            Format::Rfc3164 => format!("<{priority}>{} {host} {tag}[{pid}]: {message}", stamp(&at)),
            Format::Rfc5424 => format!("<{priority}>1 {} {host} {tag} {pid} {tag} - {message}", seconds(&at)),
            Format::Rfc5424Micro => {
                format!("<{priority}>1 {} {host} {tag} {pid} {tag} - {message}", micro(&at))
            }
        }
    }
}

/// `Jan _2 15:04:05` of an RFC 3339 time.
fn stamp(at: &str) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let number = |from: usize| at.get(from..from + 2).and_then(|it| it.parse::<usize>().ok()).unwrap_or(1);
    let month = MONTHS[(number(5) - 1).min(11)];
    format!("{month} {:>2} {}", number(8), at.get(11..19).unwrap_or("00:00:00"))
}

fn seconds(at: &str) -> String {
    format!("{}Z", at.get(..19).unwrap_or(at))
}

fn micro(at: &str) -> String {
    let fraction = at.get(20..).map_or("0", |it| it.trim_end_matches('Z'));
    format!("{}.{fraction:0<6}Z", at.get(..19).unwrap_or(at))
}

fn facility(name: &str) -> Option<u8> {
    let at = match name.parse::<usize>() {
        Ok(number) => Some(number).filter(|it| *it < FACILITIES.len()),
        Err(_) => FACILITIES.iter().position(|it| *it == name),
    };
    at.and_then(|it| u8::try_from(it).ok())
}

fn address(text: &str) -> Result<Address, String> {
    let (scheme, rest) = text
        .split_once("://")
        .ok_or_else(|| format!("syslog-address should be in form proto://address, got {text}"))?;
    let with_port = |rest: &str| match rest.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() => rest.to_owned(),
        _ => format!("{rest}:514"),
    };
    match scheme {
        "unix" | "unixgram" => Ok(Address::Unix(rest.to_owned())),
        "tcp" => Ok(Address::Tcp(with_port(rest))),
        "udp" => Ok(Address::Udp(with_port(rest))),
        "tcp+tls" => Err("syslog over TLS (tcp+tls) is not served".to_owned()),
        other => Err(format!("unsupported syslog scheme {other}")),
    }
}

async fn connect(to: &Address) -> io::Result<Connection> {
    match to {
        Address::Unix(path) => {
            let socket = UnixDatagram::unbound()?;
            match socket.connect(path) {
                Ok(()) => Ok(Connection::Datagrams(socket)),
                // One that takes streams.
                Err(_) => Ok(Connection::Stream(Box::new(UnixStream::connect(path).await?))),
            }
        }
        Address::Tcp(address) => Ok(Connection::Stream(Box::new(TcpStream::connect(address).await?))),
        Address::Udp(address) => {
            let mut targets = tokio::net::lookup_host(address).await?;
            let target = targets.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
            let any = if target.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
            let socket = UdpSocket::bind(any).await?;
            socket.connect(target).await?;
            Ok(Connection::Udp(socket))
        }
    }
}

async fn send(to: &mut Connection, lines: &[String]) -> io::Result<()> {
    match to {
        Connection::Datagrams(socket) => {
            for line in lines {
                socket.send(line.as_bytes()).await?;
            }
        }
        Connection::Udp(socket) => {
            for line in lines {
                socket.send(line.as_bytes()).await?;
            }
        }
        Connection::Stream(stream) => {
            let mut text = String::new();
            for line in lines {
                text.push_str(line);
                text.push('\n');
            }
            stream.write_all(text.as_bytes()).await?;
            stream.flush().await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::drivers::tests::source;

    fn options(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[tokio::test]
    async fn lines_arrive_in_each_format() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = format!("udp://{}", socket.local_addr().unwrap());
        let event = Event { timestamp_ms: 1_767_323_045_678, message: "hi".into(), end_offset: 1 };
        for (format, wanted) in [
            ("rfc3164", "<27>Jan  2 03:04:05 "),
            ("rfc5424", "<27>1 2026-01-02T03:04:05Z "),
            ("rfc5424micro", "<27>1 2026-01-02T03:04:05.678000Z "),
        ] {
            let options =
                options(&[("syslog-address", &address), ("syslog-format", format), ("tag", "{{.Name}}")]);
            let mut driver = Syslog::new(&options, &source()).unwrap();
            driver.take(v1::Output::Stderr, std::slice::from_ref(&event)).await.unwrap();
            let mut buffer = [0; 512];
            let length = socket.recv(&mut buffer).await.unwrap();
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            assert!(text.starts_with(wanted) && text.contains("web") && text.ends_with("hi"), "{text}");
        }
    }

    #[test]
    fn addresses_and_facilities() {
        assert!(matches!(address("tcp://h").unwrap(), Address::Tcp(it) if it == "h:514"));
        assert!(matches!(address("unix:///x/log").unwrap(), Address::Unix(it) if it == "/x/log"));
        assert!(address("tcp+tls://h:1").is_err() && address("h:1").is_err());
        assert_eq!(
            (facility("local0"), facility("16"), facility("24"), facility("x")),
            (Some(16), Some(16), None, None)
        );
    }
}
