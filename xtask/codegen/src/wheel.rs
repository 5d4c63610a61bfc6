//! Reads AWS's service models out of the botocore package: a zip of gzipped JSON.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use sha2::{Digest, Sha256};

/// The release whose models are ours.
pub const VERSION: &str = "1.44.5";
/// Of its wheel.
const SHA256: &str = "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921";

/// The wheel's bytes: from `given`, from the cache, or by `pip download`; in each case proved by its hash.
pub fn fetch(root: &Path, given: Option<PathBuf>) -> anyhow::Result<Vec<u8>> {
    let cache = root.join(".cache/models");
    let name = format!("botocore-{VERSION}-py3-none-any.whl");
    let path = match given {
        Some(path) => path,
        None => {
            let path = cache.join(&name);
            if !path.exists() {
                download(&cache)?;
            }
            path
        }
    };
    let bytes = fs::read(&path).with_context(|| format!("read {}", path.display()))?;
    let found = hex::encode(Sha256::digest(&bytes));
    ensure!(found == SHA256, "{} has sha256 {found}, not {SHA256}", path.display());
    Ok(bytes)
}

fn download(into: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(into)?;
    let status = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest"])
        .arg(into)
        .arg(format!("botocore=={VERSION}"))
        .status()
        .context("run python3 -m pip")?;
    ensure!(status.success(), "pip could not download botocore {VERSION}");
    Ok(())
}

/// The files of a zip archive, by name; only what botocore's data needs of the format.
pub struct Archive<'a> {
    bytes: &'a [u8],
    entries: BTreeMap<String, Entry>,
}

struct Entry {
    deflated: bool,
    size: usize,
    header: usize,
}

impl<'a> Archive<'a> {
    pub fn open(bytes: &'a [u8]) -> anyhow::Result<Self> {
        let end =
            bytes.windows(4).rposition(|w| w == b"PK\x05\x06").context("no end of a zip's directory")?;
        let count = word(bytes, end + 10, 2)?;
        let mut at = word(bytes, end + 16, 4)?;
        let mut entries = BTreeMap::new();
        for _ in 0..count {
            ensure!(bytes.get(at..at + 4) == Some(b"PK\x01\x02"), "a zip's directory is damaged");
            let (name, extra, comment) =
                (word(bytes, at + 28, 2)?, word(bytes, at + 30, 2)?, word(bytes, at + 32, 2)?);
            let text = bytes.get(at + 46..at + 46 + name).context("a zip's name is cut off")?;
            let entry = Entry {
                deflated: match word(bytes, at + 10, 2)? {
                    0 => false,
                    8 => true,
                    other => bail!("zip method {other}"),
                },
                size: word(bytes, at + 20, 4)?,
                header: word(bytes, at + 42, 4)?,
            };
            entries.insert(String::from_utf8_lossy(text).into_owned(), entry);
            at += 46 + name + extra + comment;
        }
        Ok(Archive { bytes, entries })
    }

    /// The newest API version of a service, as its model's JSON.
    pub fn service(&self, service: &str) -> anyhow::Result<serde_json::Value> {
        let prefix = format!("botocore/data/{service}/");
        let name = self
            .entries
            .keys()
            .rfind(|name| name.starts_with(&prefix) && name.ends_with("/service-2.json.gz"))
            .with_context(|| format!("no model of {service}"))?;
        let mut json = Vec::new();
        flate2::read::GzDecoder::new(&self.file(name)?[..]).read_to_end(&mut json)?;
        Ok(serde_json::from_slice(&json)?)
    }

    fn file(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        let entry = &self.entries[name];
        let start = entry.header
            + 30
            + word(self.bytes, entry.header + 26, 2)?
            + word(self.bytes, entry.header + 28, 2)?;
        let raw = self.bytes.get(start..start + entry.size).context("a zip's file is cut off")?;
        if !entry.deflated {
            return Ok(raw.to_vec());
        }
        let mut plain = Vec::new();
        flate2::read::DeflateDecoder::new(raw).read_to_end(&mut plain)?;
        Ok(plain)
    }
}

/// A little-endian number of `len` bytes.
fn word(bytes: &[u8], at: usize, len: usize) -> anyhow::Result<usize> {
    let raw = bytes.get(at..at + len).context("a zip is cut off")?;
    Ok(raw.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
}
