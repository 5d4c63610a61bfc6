//! This terminal: raw while a session has it, and as it was afterwards.

use std::mem::MaybeUninit;

use anyhow::{Context, Result};
use gantry_exec::payload::Size;

/// What is told of a terminal that does not say its size.
const USUAL: Size = Size { cols: 80, rows: 24 };

/// The terminal hands on each key as it is typed, Ctrl-C as well, until this is dropped.
pub struct Raw {
    before: libc::termios,
}

impl Raw {
    pub fn enter() -> Result<Raw> {
        let mut before = MaybeUninit::uninit();
        // SAFETY: the descriptor is the process's own, and the structure is written whole where this answers 0.
        let before = unsafe {
            if libc::tcgetattr(libc::STDIN_FILENO, before.as_mut_ptr()) != 0 {
                return Err(std::io::Error::last_os_error()).context("the terminal can't be asked how it is");
            }
            before.assume_init()
        };
        let mut raw = before;
        // SAFETY: it changes the structure that it is given.
        unsafe { libc::cfmakeraw(&mut raw) };
        set(&raw).context("the terminal can't be made raw")?;
        Ok(Raw { before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // A terminal that has gone needs nothing.
        let _ = set(&self.before);
    }
}

fn set(how: &libc::termios) -> std::io::Result<()> {
    // SAFETY: the descriptor is the process's own, and the structure is only read.
    match unsafe { libc::tcsetattr(libc::STDIN_FILENO, libc::TCSADRAIN, how) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

/// The terminal's size now.
pub fn size() -> Size {
    let mut size = MaybeUninit::<libc::winsize>::zeroed();
    // SAFETY: the kernel writes no more than the structure, which is whole with zeros as well.
    let size = unsafe {
        match libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, size.as_mut_ptr()) {
            0 => size.assume_init(),
            _ => return USUAL,
        }
    };
    match (size.ws_col, size.ws_row) {
        (0, _) | (_, 0) => USUAL,
        (cols, rows) => Size { cols: cols.into(), rows: rows.into() },
    }
}
