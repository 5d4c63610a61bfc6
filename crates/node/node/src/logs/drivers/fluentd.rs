//! Docker's `fluentd` driver: the forward protocol, in its message mode.
//!
//! <https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1>

use std::collections::HashMap;
use std::io;

use gantry_node_proto::v1;
use rmp::encode::{write_array_len, write_ext_meta, write_map_len, write_sint, write_str};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use super::{CONNECT, Source, WRITE, extras, tag, within};
use crate::logs::lines::Event;

const PORT: u16 = 24224;
/// An acknowledgement is one short map.
const ACK_BYTES: usize = 1024;

trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

pub struct Fluentd {
    address: String,
    tag: String,
    source: Source,
    extras: Vec<(String, String)>,
    /// A receiver that is not there keeps no container from starting.
    lazy: bool,
    /// Each message is acknowledged.
    acks: bool,
    sub_second: bool,
    sent: u64,
    open: Option<Box<dyn Connection>>,
}

impl Fluentd {
    pub fn new(options: &HashMap<String, String>, source: &Source) -> Result<Self, String> {
        let flag = |name: &str| match options.get(name).map(String::as_str) {
            None | Some("" | "false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(other) => Err(format!("invalid value for {name}: {other:?}")),
        };
        let address = match options.get("fluentd-address").map(String::as_str) {
            None | Some("") => format!("127.0.0.1:{PORT}"),
            Some(text) => address(text)?,
        };
        Ok(Self {
            address,
            tag: tag(options, source)?,
            source: source.clone(),
            extras: extras(options, source)?,
            lazy: flag("fluentd-async")? || flag("fluentd-async-connect")?,
            acks: flag("fluentd-request-ack")?,
            sub_second: flag("fluentd-sub-second-precision")?,
            sent: 0,
            open: None,
        })
    }

    pub async fn open(&mut self) -> io::Result<()> {
        match self.connect().await {
            Err(_) if self.lazy => Ok(()),
            opened => opened,
        }
    }

    async fn connect(&mut self) -> io::Result<()> {
        if self.open.is_some() {
            return Ok(());
        }
        let connect = async {
            Ok(match self.address.strip_prefix("unix://") {
                Some(path) => Box::new(UnixStream::connect(path).await?) as Box<dyn Connection>,
                None => Box::new(TcpStream::connect(&self.address).await?),
            })
        };
        self.open = Some(within(CONNECT, connect).await?);
        Ok(())
    }

    pub async fn take(&mut self, output: v1::Output, events: &[Event]) -> io::Result<()> {
        self.connect().await?;
        let mut bytes = Vec::new();
        let mut chunk = String::new();
        for event in events {
            self.sent += 1;
            chunk = format!("{}-{}-{}", self.source.container_id, self.sent, event.end_offset);
            self.message(&mut bytes, output, event, &chunk).map_err(io::Error::other)?;
        }
        let acks = self.acks.then_some((events.len(), chunk));
        let Some(connection) = &mut self.open else { return Err(io::ErrorKind::NotConnected.into()) };
        let sent = within(WRITE, send(connection.as_mut(), &bytes, acks)).await;
        if sent.is_err() {
            self.open = None;
        }
        sent
    }

    /// `[tag, time, record]`, with an option where an acknowledgement is asked for.
    fn message(
        &self,
        bytes: &mut Vec<u8>,
        output: v1::Output,
        event: &Event,
        chunk: &str,
    ) -> Result<(), rmp::encode::ValueWriteError> {
        write_array_len(bytes, if self.acks { 4 } else { 3 })?;
        write_str(bytes, &self.tag)?;
        let seconds = event.timestamp_ms.div_euclid(1000);
        if self.sub_second {
            let nanos = event.timestamp_ms.rem_euclid(1000) * 1_000_000;
            write_ext_meta(bytes, 8, 0)?;
            bytes.extend(u32::try_from(seconds).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend(u32::try_from(nanos).unwrap_or(0).to_be_bytes());
        } else {
            write_sint(bytes, seconds)?;
        }
        let stream = if output == v1::Output::Stderr { "stderr" } else { "stdout" };
        let own = [
            ("container_id", self.source.container_id.as_str()),
            ("container_name", self.source.container_name.as_str()),
            ("source", stream),
            ("log", event.message.as_str()),
        ];
        write_map_len(bytes, u32::try_from(own.len() + self.extras.len()).unwrap_or(u32::MAX))?;
        for (name, value) in own.into_iter().chain(self.extras.iter().map(|(k, v)| (k.as_str(), v.as_str())))
        {
            write_str(bytes, name)?;
            write_str(bytes, value)?;
        }
        if self.acks {
            write_map_len(bytes, 1)?;
            write_str(bytes, "chunk")?;
            write_str(bytes, chunk)?;
        }
        Ok(())
    }
}

fn address(text: &str) -> Result<String, String> {
    if text.starts_with("unix://") {
        return Ok(text.to_owned());
    }
    let rest = match text.split_once("://") {
        Some(("tcp", rest)) => rest,
        None => text,
        Some((other, _)) => return Err(format!("unsupported scheme {other:?} in fluentd-address")),
    };
    Ok(match rest.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() => rest.to_owned(),
        _ => format!("{rest}:{PORT}"),
    })
}

/// Sends the messages; where they are acknowledged, waits until the last one was.
async fn send(to: &mut dyn Connection, bytes: &[u8], acks: Option<(usize, String)>) -> io::Result<()> {
    to.write_all(bytes).await?;
    to.flush().await?;
    let Some((_, last)) = acks else { return Ok(()) };
    // Acknowledgements come in the order of the messages, and each names its chunk.
    let mut heard = Vec::new();
    let mut buffer = [0; ACK_BYTES];
    while !heard.windows(last.len()).any(|it| it == last.as_bytes()) {
        let length = to.read(&mut buffer).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        heard.extend_from_slice(&buffer[..length]);
        let surplus = heard.len().saturating_sub(8 * ACK_BYTES);
        heard.drain(..surplus);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::drivers::tests::source;

    #[tokio::test]
    async fn a_message_is_what_the_protocol_says_and_is_acknowledged() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let options = [
            ("fluentd-address", listener.local_addr().unwrap().to_string()),
            ("tag", "t".to_owned()),
            ("fluentd-request-ack", "true".to_owned()),
            ("labels", "team".to_owned()),
        ];
        let options = options.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut driver = Fluentd::new(&options, &source()).unwrap();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 4096];
            let length = stream.read(&mut bytes).await.unwrap();
            let bytes = bytes[..length].to_vec();
            let mut ack = Vec::new();
            write_map_len(&mut ack, 1).unwrap();
            write_str(&mut ack, "ack").unwrap();
            write_str(&mut ack, "0123456789abcdef-1-1-7").unwrap();
            stream.write_all(&ack).await.unwrap();
            bytes
        });
        let event = Event { timestamp_ms: 5000, message: "hi".into(), end_offset: 7 };
        driver.take(v1::Output::Stdout, &[event]).await.unwrap();
        let bytes = serving.await.unwrap();
        // An array of four; "t"; 5; a map of five.
        assert_eq!(bytes[..5], [0x94, 0xa1, b't', 5, 0x85]);
        let has = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
        assert!(has("container_name") && has("web") && has("stdout") && has("hi") && has("team"));
    }

    #[tokio::test]
    async fn a_receiver_that_is_not_there_is_told_unless_it_may_come_later() {
        let gone = {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.local_addr().unwrap().to_string()
        };
        let mut options = HashMap::from([("fluentd-address".to_owned(), gone)]);
        assert!(Fluentd::new(&options, &source()).unwrap().open().await.is_err());
        options.insert("fluentd-async".to_owned(), "true".to_owned());
        assert!(Fluentd::new(&options, &source()).unwrap().open().await.is_ok());
    }
}
