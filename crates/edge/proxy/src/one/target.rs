//! A connection to a target: a request goes out, and its answer comes in while the rest of the request still goes.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version, request, response};
use http_body::{Body as _, Frame, SizeHint};
use httparse::ParserConfig;
use memchr::memchr_iter;
use tokio::io::AsyncWrite;
use tokio::time::Instant;
use tokio_util::io::poll_read_buf;

use super::framing::{Reading, Writing};
use super::names::{self, Lengths, Names, Spelling};
use super::wire::{Bare, Wire};
use super::{Alarm, says, written};
use crate::gate::body::{Chunks, Next};
use crate::http::tracked::{Activity, Patience};
use crate::http::{Body, BoxError};
use crate::table::Lease;

/// How much is read at once.
const READ: usize = 16 * 1024;
/// The most bytes that the head of an answer has, as AWS has it.
pub const MAX_HEAD: usize = 32 * 1024;
/// The most headers of an answer.
const MAX_HEADERS: usize = 1024;
/// How many interim answers are passed over before the answer.
const MAX_INTERIM: usize = 32;

/// Why there is no answer.
pub enum Failure {
    /// Nothing of the request was sent.
    Unsent,
    /// The connection ended before anything came.
    Silent,
    /// The connection ended within the answer, or what came is none.
    Broken,
    /// The request's body broke off.
    Request(BoxError),
    /// Nothing moved for too long.
    Late,
}

/// A connection that is free for a request.
pub struct Link {
    wire: Wire,
    raw: BytesMut,
    out: BytesMut,
    alarm: Option<Alarm>,
}

/// What a target said.
pub struct Answer {
    /// When it was asked.
    pub asked: std::time::Instant,
    pub parts: response::Parts,
    pub names: Names,
    pub rest: Rest,
}

/// What comes after an answer's head.
pub enum Rest {
    /// All of its body, and the connection if it can be used again.
    Whole(Bytes, Option<Link>),
    /// A body that is still on its way.
    Stream(Box<Stream>),
    /// Another protocol.
    Switched(Link),
}

impl Link {
    /// A new connection.
    pub fn new(wire: Wire) -> Link {
        Link { wire, raw: BytesMut::new(), out: BytesMut::new(), alarm: None }
    }

    /// Its bytes, once it belongs to another protocol.
    pub fn bare(self) -> Bare {
        Bare { wire: self.wire, raw: self.raw }
    }

    /// Whether it still is open, and nothing came that nobody asked for.
    pub fn is_open(&mut self) -> bool {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        if !self.raw.is_empty() {
            return false;
        }
        self.wire.poll_readable(&mut cx).is_pending() || {
            self.raw.reserve(READ / 4);
            poll_read_buf(Pin::new(&mut self.wire), &mut cx, &mut self.raw).is_pending()
        }
    }

    /// Sends a request, and waits for its answer's head as long as something moves within `idle`. The body, of which
    /// `activity` tells, is taken as soon as a byte of the request is sent. After an `alone` request the connection is
    /// not used again.
    pub async fn ask(
        mut self,
        parts: &request::Parts,
        names: Option<&Names>,
        body: &mut Option<Body>,
        activity: Option<&Activity>,
        alone: bool,
        idle: Duration,
    ) -> Result<Answer, Failure> {
        let asked = Instant::now();
        self.out.clear();
        if let Some(activity) = activity {
            activity.tick();
        }
        let target = parts.uri.path_and_query().map_or("/", |it| it.as_str());
        names::request_line(&mut self.out, &parts.method, target);
        names::write(&mut self.out, &parts.headers, &names.map_or(Spelling::Lower, Spelling::As));
        let mut writing = Writing::Plain;
        // Many servers want to be told that a request that usually has a body has none.
        let told = body.is_some() || [Method::POST, Method::PUT, Method::PATCH].contains(&parts.method);
        match body.as_ref().map(|body| body.size_hint().exact()) {
            _ if !told || parts.headers.contains_key(CONTENT_LENGTH) => {}
            Some(Some(exact)) => self.out.put_slice(format!("Content-Length: {exact}\r\n").as_bytes()),
            Some(None) => {
                writing = Writing::chunked(&parts.headers);
                self.out.put_slice(b"Transfer-Encoding: chunked\r\n");
            }
            None => self.out.put_slice(b"Content-Length: 0\r\n"),
        }
        self.out.put_slice(b"\r\n");
        let sending = body.take().map(|body| Sending { body, writing });
        let mut exchange = Exchange { link: self, sending, begun: false, again: !alone, searched: 0 };
        let answer = exchange.answer(parts.method == Method::HEAD, activity, asked, idle).await;
        if matches!(answer, Err(Failure::Unsent)) {
            *body = exchange.sending.take().map(|sending| sending.body);
        }
        let (parts, names, mut reading, again) = answer?;
        exchange.again &= again;
        let rest = match (&mut reading, exchange.sending.is_none()) {
            _ if parts.status == StatusCode::SWITCHING_PROTOCOLS => Rest::Switched(exchange.link),
            (Reading::Over, true) => Rest::Whole(Bytes::new(), exchange.free()),
            (Reading::Length(left), true) if *left <= exchange.link.raw.len() as u64 => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX);
                let data = exchange.link.raw.split_to(length).freeze();
                Rest::Whole(data, exchange.free())
            }
            _ => Rest::Stream(Box::new(Stream {
                exchange: Some(exchange),
                reading,
                lease: None,
                patience: Patience::new(idle, activity.cloned()),
            })),
        };
        Ok(Answer { asked: asked.into_std(), parts, names, rest })
    }
}

/// A request's body on its way out.
struct Sending {
    body: Body,
    writing: Writing,
}

/// A request and its answer under way.
struct Exchange {
    link: Link,
    sending: Option<Sending>,
    /// Whether a byte was sent.
    begun: bool,
    /// Whether the connection can be used again after it.
    again: bool,
    /// Up to here the answer's head does not end.
    searched: usize,
}

/// Head, spelling, framing, and whether the connection stays.
type Head = (response::Parts, Names, Reading, bool);

impl Exchange {
    /// The connection, if the next request may have it.
    fn free(self) -> Option<Link> {
        let over = self.sending.is_none() && self.link.out.is_empty() && self.link.raw.is_empty();
        (self.again && over).then_some(self.link)
    }

    async fn answer(
        &mut self,
        to_head: bool,
        activity: Option<&Activity>,
        mut since: Instant,
        idle: Duration,
    ) -> Result<Head, Failure> {
        for _ in 0..MAX_INTERIM {
            let (mut deadline, mut read) = (since + idle, 0);
            let head = poll_fn(|cx| {
                match self.poll_send(cx) {
                    Poll::Ready(Err(_)) if !self.begun => return Poll::Ready(Err(Failure::Unsent)),
                    Poll::Ready(Err(Some(body))) => return Poll::Ready(Err(Failure::Request(body))),
                    // It takes no more; what it has to say to that may be on its way.
                    Poll::Ready(Err(None) | Ok(())) | Poll::Pending => {}
                }
                if let Poll::Ready(head) = self.poll_head(cx) {
                    return Poll::Ready(head);
                }
                if self.link.raw.len() > read {
                    read = self.link.raw.len();
                    deadline = Instant::now() + idle;
                }
                let alarm = self.link.alarm.get_or_insert_with(|| Alarm::new(deadline));
                while alarm.poll_at(deadline, cx).is_ready() {
                    let still = activity.map_or(idle, Activity::still_for);
                    if still >= idle {
                        return Poll::Ready(Err(Failure::Late));
                    }
                    deadline = Instant::now() + (idle - still);
                }
                Poll::Pending
            })
            .await?;
            let (parts, names) = parse(head).ok_or(Failure::Broken)?;
            if !parts.status.is_informational() || parts.status == StatusCode::SWITCHING_PROTOCOLS {
                return framed(parts, names, to_head).ok_or(Failure::Broken);
            }
            since = Instant::now();
        }
        Err(Failure::Broken)
    }

    /// Sends as much as goes. The error is that of the request's body, or none where the connection takes no more.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Option<BoxError>>> {
        loop {
            while !self.link.out.is_empty() {
                match ready!(Pin::new(&mut self.link.wire).poll_write(cx, &self.link.out)) {
                    Ok(length @ 1..) => {
                        self.begun = true;
                        written(&mut self.link.out, length);
                    }
                    Ok(0) | Err(_) => {
                        self.again = false;
                        self.link.out.clear();
                        if self.begun {
                            self.sending = None;
                        }
                        return Poll::Ready(Err(None));
                    }
                }
            }
            let Some(sending) = &mut self.sending else { return self.poll_flush(cx) };
            match Pin::new(&mut sending.body).poll_frame(cx) {
                Poll::Pending => {
                    ready!(self.poll_flush(cx))?;
                    return Poll::Pending;
                }
                Poll::Ready(Some(Err(error))) => {
                    self.again = false;
                    self.sending = None;
                    return Poll::Ready(Err(Some(error)));
                }
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => {
                        sending.writing.data(&mut self.link.out, &data);
                        if sending.body.is_end_stream() {
                            self.end(None);
                        }
                    }
                    Err(frame) => self.end(frame.into_trailers().ok()),
                },
                Poll::Ready(None) => self.end(None),
            }
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Option<BoxError>>> {
        Pin::new(&mut self.link.wire).poll_flush(cx).map(|flushed| {
            if flushed.is_err() {
                self.again = false;
            }
            Ok(())
        })
    }

    fn end(&mut self, trailers: Option<HeaderMap>) {
        if let Some(sending) = self.sending.take() {
            sending.writing.end(&mut self.link.out, trailers);
        }
    }

    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, Failure>> {
        let link = &mut self.link;
        loop {
            let end = end(&link.raw, self.searched);
            // Its end may have begun.
            self.searched = link.raw.len().saturating_sub(3);
            if let Some(end) = end {
                self.searched = 0;
                return Poll::Ready(if end > MAX_HEAD {
                    Err(Failure::Broken)
                } else {
                    Ok(link.raw.split_to(end).freeze())
                });
            }
            if link.raw.len() > MAX_HEAD {
                return Poll::Ready(Err(Failure::Broken));
            }
            link.raw.reserve(READ / 4);
            match ready!(poll_read_buf(Pin::new(&mut link.wire), cx, &mut link.raw)) {
                Ok(1..) => {}
                Ok(0) | Err(_) if link.raw.is_empty() => return Poll::Ready(Err(Failure::Silent)),
                Ok(0) | Err(_) => return Poll::Ready(Err(Failure::Broken)),
            }
        }
    }
}

/// Where the head of an answer ends, if it does; it is known that it does not before `from`.
fn end(raw: &[u8], from: usize) -> Option<usize> {
    memchr_iter(b'\n', &raw[from..]).map(|at| from + at).find_map(|at| match raw.get(at + 1..)? {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

fn parse(head: Bytes) -> Option<(response::Parts, Names)> {
    let (mut few, mut many) = ([const { MaybeUninit::uninit() }; 64], Vec::new());
    let mut parsed = httparse::Response::new(&mut []);
    match ParserConfig::default().parse_response_with_uninit_headers(&mut parsed, &head, &mut few) {
        Ok(_) => {}
        Err(httparse::Error::TooManyHeaders) => {
            many.resize(MAX_HEADERS, httparse::EMPTY_HEADER);
            parsed = httparse::Response::new(&mut many);
            parsed.parse(&head).ok()?;
        }
        Err(_) => return None,
    }
    let mut parts = Response::new(()).into_parts().0;
    parts.status = StatusCode::from_u16(parsed.code?).ok()?;
    parts.version = if parsed.version? == 0 { Version::HTTP_10 } else { Version::HTTP_11 };
    parts.headers.reserve(parsed.headers.len());
    let mut lengths = Lengths::default();
    for header in parsed.headers.iter() {
        lengths.add(header.name.len());
        let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
        let value = HeaderValue::from_maybe_shared(head.slice_ref(header.value)).ok()?;
        parts.headers.append(name, value);
    }
    let blank = head.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    Some((parts, Names::of(head.slice(blank..), lengths)))
}

/// Where an answer's body ends; none where that can't be said.
fn framed(mut parts: response::Parts, names: Names, to_head: bool) -> Option<Head> {
    let lists = |name: HeaderName| parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let old = parts.version == Version::HTTP_10;
    let mut again = !says(&parts.headers, "close") && (!old || says(&parts.headers, "keep-alive"));
    let codings = lists(TRANSFER_ENCODING).flat_map(|text| text.split(',')).map(str::trim);
    let mut codings = codings.filter(|coding| !coding.eq_ignore_ascii_case("identity"));
    let chunked = match (codings.next(), codings.next()) {
        (None, _) => false,
        (Some(one), None) if one.eq_ignore_ascii_case("chunked") => true,
        // Nobody asked for another, and the client could not be told.
        _ => return None,
    };
    let mut length: Option<u64> = None;
    // Whether it is written as one number, and as anybody would.
    let mut plain = true;
    for text in parts.headers.get_all(CONTENT_LENGTH) {
        for text in text.to_str().ok()?.split(',') {
            let given = text.trim();
            let digits = !given.is_empty() && given.bytes().all(|byte| byte.is_ascii_digit());
            plain &=
                length.is_none() && given.len() == text.len() && (given == "0" || !given.starts_with('0'));
            let given = given.parse().ok().filter(|_| digits)?;
            if length.replace(given).is_some_and(|other| other != given) {
                return None;
            }
        }
    }
    let none = to_head
        || matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        || parts.status.is_informational();
    let reading = match (none, chunked, length) {
        (true, ..) => Reading::Over,
        (_, true, _) if old => Reading::UntilEnd,
        (_, true, _) => Reading::Chunked(Box::new(Chunks::of_target())),
        (_, false, Some(0)) => Reading::Over,
        (_, false, Some(length)) => Reading::Length(length),
        (_, false, None) => Reading::UntilEnd,
    };
    if matches!(reading, Reading::UntilEnd) || (chunked && length.is_some()) {
        again = false;
    }
    let never = parts.status == StatusCode::NO_CONTENT || parts.status.is_informational();
    match length {
        Some(_) if never || (chunked && !none) => drop(parts.headers.remove(CONTENT_LENGTH)),
        // One number, however it was written.
        Some(length) if !plain => drop(parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length))),
        Some(_) | None => {}
    }
    Some((parts, names, reading, again))
}

/// An answer's body that is on its way. When it has ended its connection is kept for the next request.
pub struct Stream {
    exchange: Option<Exchange>,
    reading: Reading,
    lease: Option<Lease>,
    patience: Patience,
}

impl Stream {
    /// Counts for its target until its end.
    pub fn held(mut self, lease: Lease) -> Stream {
        self.lease = Some(lease);
        self
    }

    fn ended(&mut self) {
        let target = self.exchange.take().and_then(Exchange::free);
        if let (Some(lease), Some(target)) = (self.lease.take(), target) {
            lease.member().keep(target, std::time::Instant::now());
        }
    }

    fn fail(&mut self, why: impl Into<BoxError>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.exchange = None;
        self.lease = None;
        Poll::Ready(Some(Err(why.into())))
    }
}

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        loop {
            let Some(exchange) = &mut this.exchange else { return Poll::Ready(None) };
            if let Poll::Ready(Err(Some(error))) = exchange.poll_send(cx) {
                return this.fail(error);
            }
            match this.reading.next(&mut exchange.link.raw) {
                Err(_) => return this.fail("the target sent what is no chunk"),
                Ok(Next::Data(data)) => {
                    this.patience.moved();
                    if this.reading.is_over() && exchange.sending.is_none() {
                        this.ended();
                    }
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Ok(Next::End(_)) if exchange.sending.is_some() => {
                    // What is left of the request does not matter to a target that has said it all.
                    exchange.again = false;
                    exchange.sending = None;
                }
                Ok(Next::End(trailers)) => {
                    this.ended();
                    let trailers = (!trailers.is_empty()).then(|| Ok(Frame::trailers(trailers)));
                    return Poll::Ready(trailers);
                }
                Ok(Next::More) => {
                    let target = &mut exchange.link;
                    target.raw.reserve(READ);
                    match poll_read_buf(Pin::new(&mut target.wire), cx, &mut target.raw) {
                        Poll::Ready(Ok(1..)) => this.patience.moved(),
                        Poll::Ready(Ok(0)) if matches!(this.reading, Reading::UntilEnd) => {
                            this.ended();
                            return Poll::Ready(None);
                        }
                        Poll::Ready(Ok(0) | Err(_)) => return this.fail("the target broke off"),
                        Poll::Pending => {
                            ready!(this.patience.poll_late(cx));
                            return this.fail("the target sent nothing for too long");
                        }
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.exchange.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.reading {
            Reading::Over => SizeHint::with_exact(0),
            Reading::Length(left) => SizeHint::with_exact(left),
            Reading::Chunked(_) | Reading::UntilEnd => SizeHint::default(),
        }
    }
}
