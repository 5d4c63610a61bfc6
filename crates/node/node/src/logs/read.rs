//! Reading what a container said: a batch at a time, ready to be taken.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use bytes::Bytes;
use gantry_node_proto::packed::pack;
use nix::unistd::{Whence, lseek};

use super::lines::{Event, Lines};

const READ_BYTES: usize = 256 * 1024;
/// A batch is closed once it is so large. Each costs a commit of its stream, so few and large ones are better.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// For those who are handed an event each.
const EVENTS_BYTES: usize = 1024 * 1024;
const EVENTS: usize = 10_000;

/// What was read of a stream.
#[derive(Debug)]
pub struct Read<T> {
    pub start_offset: u64,
    /// Everything before it is in the events, or was an empty line.
    pub end_offset: u64,
    pub events: T,
    /// Nothing is left but a line that is not complete.
    pub all: bool,
}

/// How far to read, and when it is.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Where to begin.
    pub offset: u64,
    /// How long the file is.
    pub length: u64,
    /// Nothing is written any more: the last line needs no end.
    pub over: bool,
    pub now_ms: i64,
    /// How many bytes before it were dropped; that is an event, too.
    pub dropped: u64,
}

/// Takes events while a batch is read.
trait Batch: Default {
    fn add(&mut self, now_ms: i64, message: &str, end_offset: u64);
    fn is_full(&self, read: usize) -> bool;
}

impl Batch for Vec<Event> {
    fn add(&mut self, timestamp_ms: i64, message: &str, end_offset: u64) {
        self.push(Event { timestamp_ms, message: message.to_owned(), end_offset });
    }

    fn is_full(&self, read: usize) -> bool {
        read + READ_BYTES > EVENTS_BYTES || self.len() >= EVENTS
    }
}

impl Batch for Vec<u8> {
    fn add(&mut self, timestamp_ms: i64, message: &str, end_offset: u64) {
        pack(self, timestamp_ms, end_offset, message);
    }

    fn is_full(&self, read: usize) -> bool {
        self.len().max(read) + READ_BYTES > BATCH_BYTES
    }
}

/// Events as objects.
pub fn events(file: &File, extent: Extent) -> io::Result<Read<Vec<Event>>> {
    batch(file, extent)
}

/// Events as the control plane takes them.
pub fn packed(file: &File, extent: Extent) -> io::Result<Read<Bytes>> {
    let Read { start_offset, end_offset, events, all } = batch::<Vec<u8>>(file, extent)?;
    Ok(Read { start_offset, end_offset, events: events.into(), all })
}

fn batch<T: Batch>(file: &File, extent: Extent) -> io::Result<Read<T>> {
    let Extent { offset, length, over, now_ms, dropped } = extent;
    let mut events = T::default();
    if dropped > 0 {
        let notice = format!("{dropped} bytes of output were dropped: they could not be shipped");
        events.add(now_ms, &notice, offset);
    }
    let mut lines = Lines::from(offset);
    let left = usize::try_from(length.saturating_sub(offset)).unwrap_or(READ_BYTES);
    let mut buffer = vec![0; left.clamp(4096, READ_BYTES)];
    let mut read = 0;
    while !events.is_full(read) {
        let length = file.read_at(&mut buffer, lines.read_offset())?;
        if length == 0 {
            break;
        }
        read += length;
        lines.add(&buffer[..length], &mut |message, end| events.add(now_ms, message, end));
    }
    let all = lines.read_offset() >= length;
    if over && all {
        lines.end(&mut |message, end| events.add(now_ms, message, end));
    }
    Ok(Read { start_offset: offset, end_offset: lines.offset(), events, all })
}

/// Where there is something to read from `offset` on. What was taken has left a hole; an agent that died before it had
/// noted how far it was taken would read the hole as text.
pub fn behind_hole(file: &File, offset: u64, length: u64) -> io::Result<u64> {
    if offset >= length {
        return Ok(offset);
    }
    match lseek(file, i64::try_from(offset).map_err(io::Error::other)?, Whence::SeekData) {
        Ok(data) => Ok(u64::try_from(data).map_or(offset, |data| data.max(offset))),
        Err(nix::Error::ENXIO) => Ok(length),
        // A file system that knows no holes has none.
        Err(nix::Error::EINVAL | nix::Error::EOPNOTSUPP) => Ok(offset),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use gantry_node_proto::packed::unpack;
    use nix::fcntl::{FallocateFlags, fallocate};

    use super::*;

    fn extent(offset: u64, file: &File, over: bool) -> Extent {
        Extent { offset, length: file.metadata().unwrap().len(), over, now_ms: 5, dropped: 0 }
    }

    #[test]
    fn batches_follow_each_other_without_a_gap() {
        let file = tempfile::tempfile().unwrap();
        let text: String = (0..200_000).map(|number| format!("{number:0>60}\n\n")).collect();
        file.write_all_at(text.as_bytes(), 0).unwrap();
        let (mut offset, mut said, mut batches) = (0, 0, 0);
        loop {
            let read = packed(&file, extent(offset, &file, false)).unwrap();
            assert_eq!(read.start_offset, offset);
            for event in unpack(&read.events) {
                assert_eq!(event.unwrap().message.parse(), Ok(said));
                said += 1;
            }
            (offset, batches) = (read.end_offset, batches + 1);
            if read.all {
                break;
            }
        }
        assert_eq!((said, offset), (200_000, text.len() as u64));
        assert!((3..8).contains(&batches), "{batches}");
    }

    #[test]
    fn the_last_line_waits_for_its_end() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"one\ntw", 0).unwrap();
        let read = events(&file, extent(0, &file, false)).unwrap();
        assert_eq!((read.events.len(), read.end_offset, read.all), (1, 4, true));
        let read = events(&file, Extent { dropped: 9, ..extent(4, &file, true) }).unwrap();
        let said: Vec<_> =
            read.events.iter().map(|event| (event.message.as_str(), event.end_offset)).collect();
        assert_eq!(said, [("9 bytes of output were dropped: they could not be shipped", 4), ("tw", 6)]);
    }

    #[test]
    fn a_hole_is_no_text() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&vec![b'x'; 256 * 1024], 0).unwrap();
        let flags = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
        fallocate(file.as_fd(), flags, 0, 128 * 1024).unwrap();
        assert_eq!(behind_hole(&file, 64 * 1024, 256 * 1024).unwrap(), 128 * 1024);
        assert_eq!(behind_hole(&file, 130_000, 256 * 1024).unwrap(), 128 * 1024);
        assert_eq!(behind_hole(&file, 200_000, 256 * 1024).unwrap(), 200_000);
        fallocate(file.as_fd(), flags, 0, 256 * 1024).unwrap();
        assert_eq!(behind_hole(&file, 0, 256 * 1024).unwrap(), 256 * 1024);
    }
}
