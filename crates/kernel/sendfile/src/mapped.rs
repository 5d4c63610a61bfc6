//! A part of a file, mapped into memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::FileExt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;

/// A part of a file, mapped into memory for reading. Clones are the same mapping, which is undone with the last
/// of them and of the bytes that were given.
///
/// The file must not be changed or made shorter as long: its content would change under whoever reads it, or not
/// be there.
#[derive(Clone)]
pub struct Mapped(Arc<Mapping>);

struct Mapping {
    file: File,
    /// The part of the file that was asked for.
    range: Range<u64>,
    /// Where the mapping begins, at the page that holds the first byte.
    address: NonNull<u8>,
    length: usize,
    /// The offset in the file of the mapping's first byte.
    offset: u64,
}

// SAFETY: the mapping is only ever read, and by any number of threads.
unsafe impl Send for Mapping {}
unsafe impl Sync for Mapping {}

/// What lies at which address.
static MAPPINGS: RwLock<BTreeMap<usize, Place>> = RwLock::new(BTreeMap::new());
/// How many there are, so that who has none to look for need not lock.
static COUNT: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Copy)]
struct Place {
    length: usize,
    offset: u64,
    file: RawFd,
}

/// A part of an open file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub file: RawFd,
    pub offset: u64,
}

/// The part of a file that these bytes are, if they are one's. The file is open at least as long as `bytes` is
/// borrowed from a [`Mapped`]'s bytes.
pub(crate) fn part_of(bytes: &[u8]) -> Option<Part> {
    if COUNT.load(Ordering::Acquire) == 0 || bytes.is_empty() {
        return None;
    }
    let address = bytes.as_ptr() as usize;
    let mappings = MAPPINGS.read().unwrap_or_else(PoisonError::into_inner);
    let (start, place) = mappings.range(..=address).next_back()?;
    let within = address - start;
    let fits = within.checked_add(bytes.len()).is_some_and(|end| end <= place.length);
    fits.then_some(Part { file: place.file, offset: place.offset + within as u64 })
}

fn page_size() -> usize {
    // SAFETY: a question about the system, without arguments that could be wrong.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("pages have a size")
}

impl Mapped {
    /// Maps the part of the file. It must not be empty.
    pub fn new(file: File, range: Range<u64>) -> io::Result<Mapped> {
        let page = page_size() as u64;
        let offset = range.start - range.start % page;
        let beyond = || io::Error::new(io::ErrorKind::UnexpectedEof, "the file is too short for its range");
        if range.start >= range.end || range.end > file.metadata()?.len() {
            return Err(beyond());
        }
        let length = usize::try_from(range.end - offset).map_err(|_| beyond())?;
        let from = libc::off_t::try_from(offset).map_err(|_| beyond())?;
        // SAFETY: a new mapping at an address of the kernel's choice, for reading, of a file that is open.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                length,
                libc::PROT_READ,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                from,
            )
        };
        if address == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let address =
            NonNull::new(address.cast()).expect("no mapping is made at address zero unless asked for");
        let place = Place { length, offset, file: file.as_raw_fd() };
        let mut mappings = MAPPINGS.write().unwrap_or_else(PoisonError::into_inner);
        mappings.insert(address.as_ptr() as usize, place);
        COUNT.fetch_add(1, Ordering::Release);
        Ok(Mapped(Arc::new(Mapping { file, range, address, length, offset })))
    }

    /// Where the part lies in memory that begins at `start` in the file.
    fn at(&self, start: u64, length: usize) -> &[u8] {
        let Mapping { range, address, offset, .. } = &*self.0;
        assert!(
            start >= range.start && start + length as u64 <= range.end,
            "within the range that was mapped"
        );
        // SAFETY: it lies within the mapping, which is there as long as `self` and never written to.
        unsafe { std::slice::from_raw_parts(address.as_ptr().add((start - offset) as usize), length) }
    }

    /// The bytes of the file from `start`, which lie within the range that was mapped.
    pub fn bytes(&self, start: u64, length: usize) -> Bytes {
        struct Window(Mapped, u64, usize);
        impl AsRef<[u8]> for Window {
            fn as_ref(&self) -> &[u8] {
                self.0.at(self.1, self.2)
            }
        }
        Bytes::from_owner(Window(self.clone(), start, length))
    }

    /// Whether those bytes are in memory, so that they can be sent without a wait for the disk.
    pub fn is_in_memory(&self, start: u64, length: usize) -> bool {
        let page = page_size();
        let wanted = self.at(start, length).as_ptr() as usize;
        let first = wanted - wanted % page;
        let asked = wanted + length - first;
        let mut pages = vec![0u8; asked.div_ceil(page)];
        // SAFETY: the address is a page's, the pages are of our mapping, and there is a byte for each.
        let told = unsafe { libc::mincore(first as *mut _, asked, pages.as_mut_ptr().cast()) };
        told == 0 && pages.iter().all(|page| page & 1 == 1)
    }

    /// Reads those bytes, so that they are in memory. What the disk can't give is an error here and not a fault
    /// later. Blocks.
    pub fn read(&self, start: u64, length: usize) -> io::Result<()> {
        let mut buffer = vec![0; length.min(256 * 1024)];
        let (mut at, end) = (start, start + length as u64);
        while at < end {
            let some = ((end - at) as usize).min(buffer.len());
            self.0.file.read_exact_at(&mut buffer[..some], at)?;
            at += some as u64;
        }
        Ok(())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        let mut mappings = MAPPINGS.write().unwrap_or_else(PoisonError::into_inner);
        mappings.remove(&(self.address.as_ptr() as usize));
        COUNT.fetch_sub(1, Ordering::Release);
        drop(mappings);
        // SAFETY: the mapping is ours, and nobody has a part of it any more. The file is closed after this.
        unsafe { libc::munmap(self.address.as_ptr().cast(), self.length) };
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn made(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        file
    }

    #[test]
    fn the_bytes_are_the_files_and_outlive_the_mapping() {
        let content: Vec<u8> = (0..20_000).map(|at| (at / 7) as u8).collect();
        let mapped = Mapped::new(made(&content), 4_000..15_000).unwrap();
        let bytes = mapped.bytes(5_000, 9_000);
        mapped.read(4_000, 11_000).unwrap();
        assert!(mapped.is_in_memory(4_000, 11_000));
        drop(mapped);
        assert_eq!(bytes, content[5_000..14_000]);
        let part = part_of(&bytes[10..20]).unwrap();
        assert_eq!(part.offset, 5_010);
        assert_eq!(part_of(&content), None);
        let address = bytes.as_ptr() as usize;
        drop(bytes);
        assert!(!MAPPINGS.read().unwrap().contains_key(&(address - address % 4096)));
    }

    #[test]
    fn what_the_file_does_not_have_is_not_mapped() {
        for range in [0..11, 3..3, 10..12] {
            assert!(Mapped::new(made(b"0123456789"), range).is_err());
        }
    }
}
