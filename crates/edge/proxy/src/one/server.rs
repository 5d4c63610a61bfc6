//! A client's requests, one after another, and their answers.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use gantry_elb_core::configuration::Options;
use http::header::{CONNECTION, CONTENT_LENGTH, DATE, EXPECT};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri, Version};
use http_body::Body as _;
use memchr::memchr_iter;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

use super::framing::{Reading, Writing};
use super::line::{Line, RequestBody, Shared, locked};
use super::names::{self, Marks, Names, Spelling};
use super::wire::Wire;
use super::{Alarm, says};
use crate::gate::MAX_HEAD;
use crate::gate::head::{self, Framing, Passed, Verdict};
use crate::http::answer::Answered;
use crate::http::forward::Tunnel;
use crate::http::route::{Came, Connection, answer, refuse};
use crate::http::{self as proxied, Body};

/// How much of an answer is gathered before it is written.
const GATHER: usize = 16 * 1024;
/// How much most answers' heads and short bodies have at most.
const USUAL: usize = 1024;
/// How long a client may take to hear why it was refused.
const LINGER: Duration = Duration::from_secs(2);

/// What comes next of a client.
enum Head {
    Whole(Bytes),
    /// With this status, as there is no head.
    Refused(u16),
    /// The client is gone, or was idle for too long, or is to go.
    End,
}

/// A client's connection under service.
struct Serving<'a> {
    line: Shared,
    connection: &'a Connection,
    options: &'a Options,
    idle: Duration,
    /// When the connection ends in any case.
    until: Instant,
    alarm: Alarm,
    stop: &'a CancellationToken,
    stopped: Pin<Box<WaitForCancellationFuture<'a>>>,
    out: BytesMut,
}

/// Serves a client's requests until it goes, or kindly ends it when the listener stops.
pub async fn serve(wire: Wire, connection: Connection, options: Options, stop: CancellationToken) {
    let idle = Duration::from_secs(options.idle_timeout_seconds.into());
    let now = Instant::now();
    let mut serving = Serving {
        line: Arc::new(Mutex::new(Line::new(wire, connection.carried.clone()))),
        connection: &connection,
        options: &options,
        idle,
        until: now + Duration::from_secs(options.client_keep_alive_seconds.into()),
        alarm: Alarm::new(now + idle),
        stop: &stop,
        stopped: Box::pin(stop.cancelled()),
        out: BytesMut::new(),
    };
    loop {
        let after = match serving.head().await {
            Head::Whole(head) => serving.turn(head).await,
            Head::Refused(status) => serving.refuse(status).await,
            Head::End => After::Close,
        };
        match after {
            After::Next => {}
            After::Linger => return linger(serving.line).await,
            After::Close => return close(serving.line).await,
            After::Carry(tunnel) => {
                if let Some(line) = alone(serving.line) {
                    // It outlives its listener: it ends when one of its sides ends it.
                    tokio::spawn(tunnel.carry(line.bare()));
                }
                return;
            }
            After::Gone => return,
        }
    }
}

/// What becomes of a connection after an answer.
enum After {
    Next,
    Close,
    /// The client may still be sending, which must not cut the answer short.
    Linger,
    /// It belongs to another protocol.
    Carry(Box<Tunnel>),
    Gone,
}

impl Serving<'_> {
    /// Waits for a head.
    async fn head(&mut self) -> Head {
        // Many connections only wait, and a large answer or body is behind this one.
        if self.out.capacity() > GATHER {
            self.out = BytesMut::new();
        }
        locked(&self.line).slim();
        let (mut deadline, mut searched) = (None, 0);
        poll_fn(|cx| {
            let mut line = locked(&self.line);
            loop {
                // Empty lines before a request are allowed, and dropped.
                while searched == 0 && line.raw.starts_with(b"\r\n") {
                    line.raw.advance(2);
                }
                let end = head::end(&line.raw, searched);
                // Its end may have begun: `\r\n\r`, or a lone `\r` of an empty line.
                searched = if line.raw.len() < 4 { 0 } else { line.raw.len() };
                match end {
                    Some(end) if end <= MAX_HEAD => {
                        return Poll::Ready(Head::Whole(line.raw.split_to(end).freeze()));
                    }
                    None if line.raw.len() <= MAX_HEAD => {}
                    _ => return Poll::Ready(Head::Refused(400)),
                }
                let begins = line.raw.is_empty();
                match line.poll_more(cx) {
                    // From its first byte a head has so long to be whole, however its bytes drip.
                    Poll::Ready(Ok(1..)) if begins => deadline = None,
                    Poll::Ready(Ok(1..)) => {}
                    Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(Head::End),
                    Poll::Pending => break,
                }
            }
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + self.idle);
            if !line.raw.is_empty() {
                return self.alarm.poll_at(deadline, cx).map(|()| Head::Refused(408));
            }
            if self.stopped.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Head::End);
            }
            self.alarm.poll_at(deadline.min(self.until), cx).map(|()| Head::End)
        })
        .await
    }

    async fn refuse(&mut self, status: u16) -> After {
        let answered = refuse(self.connection, status);
        match self.write(answered, &Turn { to_head: false, old: false, last: true }).await {
            Some(_) => After::Linger,
            None => After::Gone,
        }
    }

    /// Answers a request.
    async fn turn(&mut self, head: Bytes) -> After {
        let (request, names, passed) = match head::inspect(&head, self.options.desync) {
            Verdict::Refuse(status) => return self.refuse(status).await,
            Verdict::Pass(passed) => match parse(&head, &passed) {
                Some((request, marks)) => (request, Names::of(head, marks), passed),
                None => return self.refuse(400).await,
            },
        };
        let old = request.version() == Version::HTTP_10;
        let to_head = request.method() == Method::HEAD;
        let stays = !says(request.headers(), "close") && (!old || says(request.headers(), "keep-alive"));
        let reading = match passed.framing {
            Framing::None | Framing::Length(0) => Reading::Over,
            Framing::Length(length) => Reading::Length(length),
            Framing::Chunked => Reading::Chunked(Box::default()),
        };
        let body = match &reading {
            Reading::Over => None,
            _ => Some(Body::of(RequestBody(self.line.clone()))),
        };
        let bodied = body.is_some();
        let expected = || request.headers().get(EXPECT).map(HeaderValue::as_bytes);
        let expects = bodied && !old && expected().is_some_and(|it| it.eq_ignore_ascii_case(b"100-continue"));
        locked(&self.line).begin(reading, expects);
        let upgrades = passed.changes_protocol && !old && request.method() == Method::GET;
        let mut came = Came { request, body, names: Some(names), ambiguous: passed.close_after, upgrades };
        let Some(mut answered) = self.answered(&mut came).await else { return After::Gone };
        // A body that was not taken is read by nobody.
        drop(came);
        let tunnel = answered.tunnel.take();
        let unread = bodied && {
            let mut line = locked(&self.line);
            // While somebody has the body it is being read, and may well end; but nothing that is promised now may
            // turn out to be wrong.
            match Arc::strong_count(&self.line) == 1 {
                true => !line.skip(),
                false => !line.reading.is_over(),
            }
        };
        let last =
            !stays || passed.close_after || unread || self.stop.is_cancelled() || Instant::now() > self.until;
        let Some(stays) = self.write(answered, &Turn { to_head, old, last }).await else {
            return After::Gone;
        };
        if let Some(tunnel) = tunnel {
            return After::Carry(tunnel);
        }
        let read = !bodied || locked(&self.line).skip();
        match (read, stays) {
            (false, _) => After::Linger,
            (true, false) => After::Close,
            (true, true) => After::Next,
        }
    }

    /// The answer to a request; none if the client goes before it is there.
    async fn answered(&mut self, came: &mut Came) -> Option<Answered> {
        let mut answer = pin!(answer(self.connection, came));
        poll_fn(|cx| match answer.as_mut().poll(cx) {
            Poll::Ready(answered) => Poll::Ready(Some(answered)),
            Poll::Pending => locked(&self.line).poll_gone(cx).map(|()| None),
        })
        .await
    }

    /// Writes an answer; whether another may follow, or none if the client is gone or the answer broke off.
    async fn write(&mut self, answered: Answered, turn: &Turn) -> Option<bool> {
        let Answered { response, names, .. } = answered;
        let (mut parts, mut body) = response.into_parts();
        let named = parts.headers.contains_key(CONNECTION);
        let stays = !(turn.last || named && says(&parts.headers, "close"));
        let switches = parts.status == StatusCode::SWITCHING_PROTOCOLS;
        let bodiless = turn.to_head
            || switches
            || matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let out = &mut self.out;
        out.clear();
        out.reserve(USUAL);
        names::status_line(out, parts.status, names.as_ref());
        if named && !switches {
            parts.headers.remove(CONNECTION);
        }
        names::write(out, &parts.headers, &names.as_ref().map_or(Spelling::Title, Spelling::As));
        if !parts.headers.contains_key(DATE) {
            date(out);
        }
        let told = parts.headers.contains_key(CONTENT_LENGTH);
        let exact = body.size_hint().exact();
        let (mut writing, mut ends) = (Writing::Plain, !stays);
        match exact {
            _ if told => {}
            Some(length) if !bodiless || (turn.to_head && length > 0) => {
                out.put_slice(format!("Content-Length: {length}\r\n").as_bytes());
            }
            None if !bodiless && turn.old => ends = true,
            None if !bodiless => {
                writing = Writing::chunked(&parts.headers);
                out.put_slice(b"Transfer-Encoding: chunked\r\n");
            }
            _ => {}
        }
        match (switches, ends) {
            (true, _) => {}
            (false, true) => out.put_slice(b"Connection: close\r\n"),
            (false, false) => out.put_slice(b"Connection: keep-alive\r\n"),
        }
        out.put_slice(b"\r\n");
        if !bodiless {
            self.body(&mut body, &writing).await?;
        }
        drop(body);
        self.flush().await?;
        Some(!ends)
    }

    /// Writes a body; what is left to be written at its end stays in `out`.
    async fn body(&mut self, body: &mut Body, writing: &Writing) -> Option<()> {
        while !body.is_end_stream() {
            let mut deadline = None;
            let frame = poll_fn(|cx| {
                if let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(cx) {
                    return Poll::Ready(Some(frame));
                }
                // What is there need not wait for what comes.
                match self.poll_out(&mut deadline, cx) {
                    Poll::Ready(Some(())) => locked(&self.line).poll_gone(cx).map(|()| None),
                    Poll::Ready(None) => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            });
            match frame.await? {
                None => break,
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => writing.data(&mut self.out, &data),
                    Err(frame) => {
                        writing.end(&mut self.out, frame.into_trailers().ok());
                        return Some(());
                    }
                },
                // What came so far is the client's, which sees by the connection's end that it is not all.
                Some(Err(_)) => {
                    self.flush().await;
                    return None;
                }
            }
            if self.out.len() >= GATHER {
                self.flush().await?;
            }
        }
        writing.end(&mut self.out, None);
        Some(())
    }

    async fn flush(&mut self) -> Option<()> {
        let mut deadline = None;
        poll_fn(|cx| self.poll_out(&mut deadline, cx)).await
    }

    /// Writes what was gathered; none if the client is gone, or takes nothing until the deadline, which moves as long as
    /// it takes something.
    fn poll_out(&mut self, deadline: &mut Option<Instant>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let before = self.out.len();
        if let Poll::Ready(written) = locked(&self.line).poll_out(&mut self.out, cx) {
            return Poll::Ready(written.ok());
        }
        if self.out.len() < before {
            *deadline = None;
        }
        let deadline = *deadline.get_or_insert_with(|| Instant::now() + self.idle);
        ready!(self.alarm.poll_at(deadline, cx));
        Poll::Ready(None)
    }
}

/// What a request asks of the way in which it is answered.
struct Turn {
    to_head: bool,
    /// HTTP/1.0
    old: bool,
    /// Nothing follows it.
    last: bool,
}

/// How many headers are added on the way.
const ADDED: usize = 4;

/// A request without its body, and the marks of its names. The gate has passed it.
fn parse(head: &Bytes, passed: &Passed) -> Option<(Request<()>, Marks)> {
    let mut ends = memchr_iter(b'\n', head);
    let end = ends.next()? - 1;
    let mut words = head[..end].split(|byte| *byte == b' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(method).ok()?;
    *request.uri_mut() = uri(head.slice_ref(target))?;
    *request.version_mut() = if version == b"HTTP/1.0" { Version::HTTP_10 } else { Version::HTTP_11 };
    let headers = request.headers_mut();
    // One of the lines is the empty one.
    headers.reserve(ends.clone().count() - 1 + ADDED);
    let mut marks = Marks::default();
    let mut from = end + 2;
    for at in ends {
        let line = &head[from..at - 1];
        from = at + 1;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':')?;
        marks.add(&line[..colon]);
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = head.slice_ref(line[colon + 1..].trim_ascii());
        headers.try_append(name, HeaderValue::from_maybe_shared(value).ok()?).ok()?;
    }
    match passed.framing {
        // The chunks tell.
        Framing::Chunked => drop(headers.remove(CONTENT_LENGTH)),
        Framing::Length(length) if headers.get_all(CONTENT_LENGTH).iter().nth(1).is_some() => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        Framing::Length(_) | Framing::None => {}
    }
    Some((request, marks))
}

/// A target as a URI. What none may have as it is, and clients send all the same, is escaped.
fn uri(target: Bytes) -> Option<Uri> {
    if let Ok(uri) = Uri::from_maybe_shared(target.clone()) {
        return Some(uri);
    }
    let mut escaped = String::with_capacity(target.len() + 16);
    for byte in target {
        match byte {
            b'"' | b'<' | b'>' | b'`' => escaped.push_str(&format!("%{byte:02X}")),
            other => escaped.push(char::from(other)),
        }
    }
    escaped.parse().ok()
}

/// Writes the header that says when it is, which is made once a second.
fn date(out: &mut BytesMut) {
    thread_local! {
        static NOW: RefCell<(u64, String)> = const { RefCell::new((0, String::new())) };
    }
    let second = proxied::route::now();
    NOW.with_borrow_mut(|(of, line)| {
        if *of != second || line.is_empty() {
            *of = second;
            *line = format!("Date: {}\r\n", httpdate::fmt_http_date(SystemTime::now()));
        }
        out.put_slice(line.as_bytes());
    });
}

/// The connection, as nobody else has it any more.
fn alone(line: Shared) -> Option<Line> {
    Arc::into_inner(line)?.into_inner().ok()
}

/// Ends a connection whose client has said all it wanted.
async fn close(line: Shared) {
    let Some(mut line) = alone(line) else { return };
    let more = poll_fn(|cx| Poll::Ready(line.poll_more(cx))).await;
    match (line.raw.is_empty(), more, &mut line.wire) {
        // It wants more all the same, and must not miss the answer for that.
        (false, ..) => say_no_more(line.wire).await,
        (true, Poll::Pending, Wire::FromClient(stream)) => {
            let _ = tokio::time::timeout(LINGER, stream.shutdown()).await;
        }
        _ => {}
    }
}

/// Ends a connection whose client may be sending still.
async fn linger(line: Shared) {
    if let Some(line) = alone(line) {
        say_no_more(line.wire).await;
    }
}

/// Ends a connection once the other side has heard what was said: what still comes must not cut that short.
pub async fn say_no_more(mut wire: Wire) {
    if wire.shutdown().await.is_err() {
        return;
    }
    // Not within the connection's task, which has it for all its life.
    let mut rest = vec![0; 4096];
    let over = async { while wire.read(&mut rest).await.is_ok_and(|read| read > 0) {} };
    let _ = tokio::time::timeout(LINGER, over).await;
}
