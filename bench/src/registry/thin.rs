//! A client of registries that does next to nothing itself: no hashing, no unpacking, no disk; what it pulls it
//! leaves in the kernel. So what is measured with it is the server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};

/// How many layers are pulled at once; Docker's default.
const PULLS: usize = 3;
/// How many layers are pushed at once; Docker's default.
const PUSHES: usize = 5;
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A repository of a registry.
#[derive(Clone)]
pub struct Remote {
    pub port: u16,
    pub repository: &'static str,
    /// What goes into the `Authorization` header.
    pub authorization: Option<String>,
}

/// A layer: its digest and its content.
pub type Layer = (String, Vec<u8>);

struct Connection<'a>(&'a Remote, BufReader<TcpStream>);

struct Head {
    status: u16,
    length: u64,
    location: Option<String>,
}

impl Remote {
    /// Pulls the image of that tag; how many bytes its layers have.
    pub fn pull(&self, tag: &str) -> Result<u64> {
        let mut connection = self.connect()?;
        let head = connection.ask("GET", &self.path(&format!("manifests/{tag}")), MANIFEST, &[])?;
        ensure!(head.status == 200, "the manifest: {}", head.status);
        let mut manifest = Vec::new();
        connection.1.by_ref().take(head.length).read_to_end(&mut manifest)?;
        let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
        let layers = manifest["layers"].as_array().context("layers")?;
        let blobs = layers.iter().chain([&manifest["config"]]).filter_map(|blob| blob["digest"].as_str());
        let work = Mutex::new(blobs.collect::<Vec<_>>());
        at_once(PULLS, || {
            let mut connection = self.connect()?;
            let mut bytes = 0;
            while let Some(digest) = next(&work) {
                bytes += connection.pull_blob(digest)?;
            }
            Ok(bytes)
        })
    }

    /// Pushes the layers and nothing else.
    pub fn push(&self, layers: &[Layer]) -> Result<u64> {
        let work = Mutex::new(layers.iter().collect::<Vec<_>>());
        at_once(PUSHES, || {
            let mut connection = self.connect()?;
            let mut bytes = 0;
            while let Some((digest, content)) = next(&work) {
                connection.push_blob(digest, content)?;
                bytes += content.len() as u64;
            }
            Ok(bytes)
        })
    }

    fn connect(&self) -> Result<Connection<'_>> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_nodelay(true)?;
        Ok(Connection(self, BufReader::with_capacity(64 * 1024, stream)))
    }

    fn path(&self, rest: &str) -> String {
        format!("/v2/{}/{rest}", self.repository)
    }
}

impl Connection<'_> {
    fn ask(&mut self, method: &str, path: &str, media_type: &str, body: &[u8]) -> Result<Head> {
        let authorization = self.0.authorization.iter().map(|value| format!("Authorization: {value}\r\n"));
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAccept: {media_type}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n{}\r\n",
            self.0.port,
            body.len(),
            authorization.collect::<String>()
        );
        self.1.get_mut().write_all(head.as_bytes())?;
        self.1.get_mut().write_all(body)?;
        self.head()
    }

    fn head(&mut self) -> Result<Head> {
        let mut line = String::new();
        self.1.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut head = Head { status: status.context("a status line")?, length: 0, location: None };
        loop {
            line.clear();
            self.1.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { return Ok(head) };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => head.length = value.parse()?,
                "location" => head.location = Some(value.to_owned()),
                _ => {}
            }
        }
    }

    fn pull_blob(&mut self, digest: &str) -> Result<u64> {
        let path = self.0.path(&format!("blobs/{digest}"));
        let head = self.ask("GET", &path, "*/*", &[])?;
        ensure!(head.status == 200, "{digest}: {}", head.status);
        let mut rest = usize::try_from(head.length)?;
        let buffered = self.1.buffer().len().min(rest);
        self.1.consume(buffered);
        rest -= buffered;
        while rest > 0 {
            let most = rest.min(4 * 1024 * 1024);
            // SAFETY: the socket is open; with this flag the kernel drops the bytes and writes nowhere.
            let dropped = unsafe {
                libc::recv(self.1.get_ref().as_raw_fd(), std::ptr::null_mut(), most, libc::MSG_TRUNC)
            };
            match usize::try_from(dropped) {
                Ok(0) => bail!("{digest} ends early"),
                Ok(dropped) => rest -= dropped,
                Err(_) => return Err(std::io::Error::last_os_error().into()),
            }
        }
        Ok(head.length)
    }

    /// As Docker does: begin, all of it in one piece, finish.
    fn push_blob(&mut self, digest: &str, content: &[u8]) -> Result<()> {
        let octets = "application/octet-stream";
        let begun = self.ask("POST", &self.0.path("blobs/uploads/"), octets, &[])?;
        ensure!(begun.status == 202, "begin: {}", begun.status);
        let place = path_of(&begun.location.context("a place")?);
        let sent = self.ask("PATCH", &place, octets, content)?;
        ensure!(sent.status == 202, "send: {}", sent.status);
        let place = path_of(&sent.location.context("a place")?);
        let separator = if place.contains('?') { '&' } else { '?' };
        let kept = self.ask("PUT", &format!("{place}{separator}digest={digest}"), octets, &[])?;
        ensure!(kept.status == 201, "finish: {}", kept.status);
        Ok(())
    }
}

/// The path and query of a URL, which may be whole or not.
fn path_of(location: &str) -> String {
    let after_scheme = location.split_once("://").map(|(_, rest)| rest);
    match after_scheme.and_then(|rest| rest.split_once('/')) {
        Some((_, path)) => format!("/{path}"),
        None => location.to_owned(),
    }
}

fn next<T>(work: &Mutex<Vec<T>>) -> Option<T> {
    work.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop()
}

fn at_once(threads: usize, work: impl Fn() -> Result<u64> + Sync) -> Result<u64> {
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(&work)).collect();
        let done = running.into_iter().map(|thread| thread.join().expect("a client does not panic"));
        done.sum()
    })
}
