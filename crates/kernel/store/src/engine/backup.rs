//! Backups: one file with the whole store at one revision.
//!
//! A backup is a magic line, a line of JSON that says who wrote it, a zstd frame of records, and the SHA-256
//! of everything before. The records know nothing of redb, so that any engine can be filled from them. History
//! is left out: a restored store is one whose history has been compacted.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use redb::{Database, ReadableTable};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Redb;
use super::directory::{Directory, Written, failed};
use super::layout::{COMPACTED, Head, KV, LAST_LEASE, LEASES, META, REVISION, Tables, number};
use crate::error::StoreError;
use crate::kv::{KeyValue, MAX_KEY, MAX_VALUE, Revision};

const MAGIC: &[u8] = b"gantry store backup\n";
const LEVEL: i32 = 3;
const CHECKSUM: u64 = 32;
/// How much is restored in one transaction, in bytes.
const RESTORE_BYTES: usize = 16 * 1024 * 1024;
/// The longest line of JSON that is read.
const MAX_HEADER: u64 = 4096;

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupSummary {
    /// The revision at which the store was taken.
    pub revision: Revision,
    /// How many keys it has.
    pub keys: u64,
}

#[derive(Serialize, Deserialize)]
struct Header {
    #[serde(flatten)]
    written: Written,
    revision: Revision,
    last_lease: u64,
}

const KEY: u8 = 1;
const LEASE: u8 = 2;
const END: u8 = 0;

impl Redb {
    /// Writes the store as it is now, while others go on writing. Blocks: call it where that is allowed.
    pub fn backup(&self, to: impl Write) -> Result<BackupSummary, StoreError> {
        let txn = self.handle.shared.begin_read()?;
        let meta = txn.open_table(META)?;
        let header = Header {
            written: Written::by_this(),
            revision: number(&meta, REVISION)?,
            last_lease: number(&meta, LAST_LEASE)?,
        };
        let mut to = Hashing::new(BufWriter::new(to));
        let json = serde_json::to_vec(&header).expect("numbers and strings are always JSON");
        to.write_all(MAGIC).and_then(|()| to.write_all(&json)).map_err(write_failed)?;
        to.write_all(b"\n").map_err(write_failed)?;

        let mut frame = zstd::Encoder::new(to, LEVEL).map_err(write_failed)?;
        let mut keys = 0u64;
        for entry in txn.open_table(KV)?.iter()? {
            let (key, record) = entry?;
            write_key(&mut frame, key.value(), record.value()).map_err(write_failed)?;
            keys += 1;
        }
        for entry in txn.open_table(LEASES)?.iter()? {
            let (lease, ttl) = entry?;
            write_numbers(&mut frame, LEASE, &[lease.value(), ttl.value()]).map_err(write_failed)?;
        }
        write_numbers(&mut frame, END, &[keys]).map_err(write_failed)?;
        let Hashing { mut inner, hash } = frame.finish().map_err(write_failed)?;
        inner.write_all(&hash.finalize()).and_then(|()| inner.flush()).map_err(write_failed)?;
        Ok(BackupSummary { revision: header.revision, keys })
    }
}

/// Makes the directory, which must be empty or not there, a store as it was when the backup was taken.
///
/// The file's checksum is verified before anything is written, and the directory is a store only when all of
/// it is in place. Blocks.
pub fn restore(file: &Path, dir: &Path) -> Result<BackupSummary, StoreError> {
    let open = File::open(file).map_err(|error| failed("open", file, &error))?;
    let mut backup = Backup { name: file, file: BufReader::new(open) };
    let header = backup.header()?;
    let frame = backup.verify()?;
    let directory = Directory::claim_empty(dir)?;
    let restored = backup.fill(&directory, &header, frame);
    if restored.is_err() {
        directory.abandon();
    }
    restored
}

/// Makes the directory, which must be empty or not there, a store with these rows, as of this revision. What
/// is there when the last of them is in place is whole. Blocks.
pub(crate) fn restore_rows(rows: &[KeyValue], revision: Revision, dir: &Path) -> Result<(), StoreError> {
    let directory = Directory::claim_empty(dir)?;
    let made = fill_rows(rows, revision, &directory);
    if made.is_err() {
        directory.abandon();
    }
    made
}

fn fill_rows(rows: &[KeyValue], revision: Revision, directory: &Directory) -> Result<(), StoreError> {
    let database = Database::create(directory.restoring())?;
    let txn = database.begin_write()?;
    {
        let mut tables = Tables::open(&txn)?;
        for kv in rows {
            let head = Head { create_revision: kv.create_revision, mod_revision: kv.mod_revision, lease: 0 };
            tables.kv.insert(kv.key.as_ref(), head.record(&kv.value).as_slice())?;
        }
        for (name, number) in [(REVISION, revision), (COMPACTED, revision)] {
            tables.meta.insert(name, number)?;
        }
    }
    txn.commit()?;
    drop(database);
    directory.adopt_restored()
}

struct Backup<'a> {
    name: &'a Path,
    file: BufReader<File>,
}

/// Where the compressed records lie in the file.
struct Frame {
    start: u64,
    length: u64,
}

impl Backup<'_> {
    fn header(&mut self) -> Result<Header, StoreError> {
        let mut magic = vec![0; MAGIC.len()];
        let read = self.file.read_exact(&mut magic);
        if read.is_err() || magic != MAGIC {
            return Err(self.refused("is not a backup of Gantry's store"));
        }
        let mut json = Vec::new();
        let read = (&mut self.file).take(MAX_HEADER).read_until(b'\n', &mut json);
        read.map_err(|error| failed("read", self.name, &error))?;
        // Who wrote it is looked at before all else, as a newer format may differ in everything else.
        let damaged = |_| self.refused("is damaged: it does not say who wrote it");
        let written: Written = serde_json::from_slice(&json).map_err(damaged)?;
        written.check(&format!("the backup {}", self.name.display()))?;
        serde_json::from_slice(&json).map_err(damaged)
    }

    /// Compares the checksum, and leaves the file at the frame.
    fn verify(&mut self) -> Result<Frame, StoreError> {
        let frame = self.find_frame().map_err(|error| failed("read", self.name, &error))?;
        let Some(frame) = frame else { return Err(self.refused("is cut short")) };
        let same = self.checksum_is_right(&frame).map_err(|error| failed("read", self.name, &error))?;
        if !same {
            return Err(self.refused("is damaged or cut short: its checksum is not that of its content"));
        }
        Ok(frame)
    }

    fn find_frame(&mut self) -> io::Result<Option<Frame>> {
        let start = self.file.stream_position()?;
        let end = self.file.seek(io::SeekFrom::End(0))?.checked_sub(CHECKSUM);
        Ok(end.and_then(|end| end.checked_sub(start)).map(|length| Frame { start, length }))
    }

    fn checksum_is_right(&mut self, frame: &Frame) -> io::Result<bool> {
        self.file.rewind()?;
        let mut hash = Hashing::new(io::sink());
        io::copy(&mut (&mut self.file).take(frame.start + frame.length), &mut hash)?;
        let mut checksum = [0; CHECKSUM as usize];
        self.file.read_exact(&mut checksum)?;
        self.file.seek(io::SeekFrom::Start(frame.start))?;
        Ok(hash.hash.finalize().as_slice() == checksum)
    }

    fn fill(self, directory: &Directory, header: &Header, frame: Frame) -> Result<BackupSummary, StoreError> {
        let name = self.name;
        let read_failed = |error| failed("read", name, &error);
        let mut records = zstd::Decoder::with_buffer(self.file.take(frame.length)).map_err(read_failed)?;
        let database = Database::create(directory.restoring())?;
        let mut keys = 0;
        let mut ended = None;
        while ended.is_none() {
            let txn = database.begin_write()?;
            {
                let mut tables = Tables::open(&txn)?;
                let mut bytes = 0;
                while bytes < RESTORE_BYTES && ended.is_none() {
                    match read_record(&mut records).map_err(read_failed)? {
                        Record::Key(key, record) => {
                            bytes += key.len() + record.len();
                            keys += 1;
                            let lease = Head::read(&record)?.lease;
                            tables.kv.insert(key.as_slice(), record.as_slice())?;
                            if lease != 0 {
                                tables.lease_keys.insert((lease, key.as_slice()), ())?;
                            }
                        }
                        Record::Lease(lease, ttl) => drop(tables.leases.insert(lease, ttl)?),
                        Record::End(count) => ended = Some(count),
                    }
                }
                for (name, number) in [
                    (REVISION, header.revision),
                    (COMPACTED, header.revision),
                    (LAST_LEASE, header.last_lease),
                ] {
                    tables.meta.insert(name, number)?;
                }
            }
            txn.commit()?;
        }
        if ended != Some(keys) {
            return Err(StoreError::Refused(format!(
                "{} is damaged: it should hold {} keys and holds {keys}",
                name.display(),
                ended.unwrap_or(0)
            )));
        }
        drop(database);
        directory.adopt_restored()?;
        Ok(BackupSummary { revision: header.revision, keys })
    }

    fn refused(&self, why: &str) -> StoreError {
        StoreError::Refused(format!("{} {why}", self.name.display()))
    }
}

enum Record {
    Key(Vec<u8>, Vec<u8>),
    Lease(u64, u64),
    End(u64),
}

fn write_key(to: &mut impl Write, key: &[u8], record: &[u8]) -> io::Result<()> {
    write_numbers(to, KEY, &[key.len() as u64, record.len() as u64])?;
    to.write_all(key)?;
    to.write_all(record)
}

fn write_numbers(to: &mut impl Write, tag: u8, numbers: &[u64]) -> io::Result<()> {
    to.write_all(&[tag])?;
    numbers.iter().try_for_each(|number| to.write_all(&number.to_le_bytes()))
}

fn read_record(from: &mut impl Read) -> io::Result<Record> {
    let mut tag = [0];
    from.read_exact(&mut tag)?;
    match tag[0] {
        KEY => {
            let (key, record) = (read_number(from)?, read_number(from)?);
            Ok(Record::Key(
                read_bytes(from, key, MAX_KEY * 2)?,
                read_bytes(from, record, MAX_VALUE + Head::SIZE)?,
            ))
        }
        LEASE => Ok(Record::Lease(read_number(from)?, read_number(from)?)),
        END => Ok(Record::End(read_number(from)?)),
        other => Err(io::Error::new(io::ErrorKind::InvalidData, format!("a record of unknown kind {other}"))),
    }
}

fn read_number(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn read_bytes(from: &mut impl Read, length: u64, most: usize) -> io::Result<Vec<u8>> {
    let length = usize::try_from(length).ok().filter(|length| *length <= most);
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a record is too long"))?;
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Hashes what passes through.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Hashing<W> {
    fn new(inner: W) -> Self {
        Hashing { inner, hash: Sha256::new() }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn write_failed(error: io::Error) -> StoreError {
    StoreError::Engine(format!("could not write the backup: {error}"))
}
