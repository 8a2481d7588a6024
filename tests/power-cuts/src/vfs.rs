//! The door between SQLite and the rig: a VFS in front of the system's own.
//!
//! It is the default VFS of the process, so that product code, which opens databases by path, runs
//! on it unchanged. A file outside of every rig goes to the system's VFS and nothing else happens.
//! A file in a rig is a real file too: reads, locks and shared memory are the system's; each write,
//! truncation, removal and flush is told to the rig first, which may say that the power is off.
//! Flushes stop there, because the real file is only what a running program sees.
//!
//! The one module that may use `unsafe`: SQLite asks for a table of C functions, and no crate of
//! the workspace has a safe one for an own VFS.
#![allow(unsafe_code, reason = "SQLite's interface for file systems is a table of C functions")]

use std::{
    ffi::{CStr, OsStr, c_char, c_int, c_void},
    os::unix::ffi::OsStrExt as _,
    path::Path,
    ptr, slice,
    sync::{Arc, OnceLock},
};

use anyhow::{Result, bail};
use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs};

use crate::{
    disk::Inode,
    rig::{Off, Place, Rig},
};

const NAME: &CStr = c"power-cuts";

/// What SQLite keeps for an open file of ours. It begins as `sqlite3_file` does.
#[repr(C)]
struct Handle {
    base: sqlite3_file,
    part: *mut Part,
}

/// An open file in a rig, with the system's own beside it.
struct Part {
    rig: Arc<Rig>,
    what: (Inode, Place),
    real: RealFile,
}

/// Memory for the system VFS's file, aligned as it needs.
struct RealFile {
    words: *mut u64,
    n_words: usize,
}

impl RealFile {
    fn new(n_bytes: usize) -> Self {
        let words = vec![0_u64; n_bytes.div_ceil(size_of::<u64>())].into_boxed_slice();
        let n_words = words.len();
        Self { words: Box::into_raw(words).cast(), n_words }
    }

    const fn file(&self) -> *mut sqlite3_file {
        self.words.cast()
    }

    /// The system's table of functions; `None` if it has not opened the file.
    fn methods(&self) -> Option<&'static sqlite3_io_methods> {
        // SAFETY: the memory is ours, zeroed at first, and the system VFS has put nothing there but
        // a pointer to a table that lives as long as the process.
        unsafe { (*self.file()).pMethods.as_ref() }
    }
}

impl Drop for RealFile {
    fn drop(&mut self) {
        // SAFETY: the pointer and the length are those of the box that `new` gave up.
        drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(self.words, self.n_words)) });
    }
}

/// Makes this the default VFS of the process, once.
pub(crate) fn install() -> Result<()> {
    static INSTALLED: OnceLock<c_int> = OnceLock::new();
    let code = *INSTALLED.get_or_init(|| {
        // SAFETY: a null name asks for the default VFS; SQLite initialises itself first, and what
        // it returns lives as long as the process. The copy is leaked, so that it does too.
        unsafe {
            let system = ffi::sqlite3_vfs_find(ptr::null());
            let Some(ours) = system.as_ref().copied() else { return ffi::SQLITE_ERROR };
            let ours = Box::leak(Box::new(sqlite3_vfs {
                szOsFile: ours.szOsFile.max(HANDLE_BYTES),
                pNext: ptr::null_mut(),
                zName: NAME.as_ptr(),
                pAppData: system.cast(),
                xOpen: Some(open),
                xDelete: Some(delete),
                xAccess: Some(access),
                ..ours
            }));
            ffi::sqlite3_vfs_register(ours, 1)
        }
    });
    if code != ffi::SQLITE_OK {
        bail!("expected SQLite to take the VFS, got code {code}");
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "16 bytes")]
const HANDLE_BYTES: c_int = size_of::<Handle>() as c_int;

/// The VFS of the system, behind ours.
fn system(ours: *mut sqlite3_vfs) -> &'static sqlite3_vfs {
    // SAFETY: SQLite passes the VFS that `install` made, whose `pAppData` is the system's.
    unsafe { &*(*ours).pAppData.cast::<sqlite3_vfs>() }
}

const fn as_mut(vfs: &'static sqlite3_vfs) -> *mut sqlite3_vfs {
    ptr::from_ref(vfs).cast_mut()
}

/// The path in a C string of SQLite's; `None` for a temporary file without a name.
fn path_of<'a>(name: *const c_char) -> Option<&'a Path> {
    if name.is_null() {
        return None;
    }
    // SAFETY: SQLite passes strings that end with a zero and outlive the call.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
    Some(Path::new(OsStr::from_bytes(bytes)))
}

fn place_of(name: &str) -> Place {
    if name.ends_with("-wal") {
        Place::Log
    } else if name.ends_with("-journal") {
        Place::Journal
    } else {
        Place::Database
    }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let system = system(vfs);
    let Some(open) = system.xOpen else { return ffi::SQLITE_CANTOPEN };
    let path = path_of(name);
    let Some((rig, file_name)) = path.and_then(Rig::of) else {
        // SAFETY: the same arguments, and room for the system's file: `szOsFile` is not less.
        return unsafe { open(as_mut(system), name, file, flags, out_flags) };
    };
    // SAFETY: SQLite gives room for a `Handle`; a null table says that there is nothing to close.
    unsafe { (*file).pMethods = ptr::null() };
    if !rig.is_on() {
        return ffi::SQLITE_CANTOPEN;
    }
    let was_there = path.is_some_and(Path::exists);
    let real = RealFile::new(usize::try_from(system.szOsFile).unwrap_or_default());
    // SAFETY: the memory is as large as the system asks for, and lives until it has closed.
    let code = unsafe { open(as_mut(system), name, real.file(), flags, out_flags) };
    let inode = if code == ffi::SQLITE_OK { rig.opened(&file_name, was_there).ok() } else { None };
    let Some(inode) = inode else {
        close_real(&real);
        return if code == ffi::SQLITE_OK { ffi::SQLITE_IOERR_FSTAT } else { code };
    };
    let part = Part { rig, what: (inode, place_of(&file_name)), real };
    // SAFETY: the room is that of a `Handle`, and from here on `close` gives the box back.
    unsafe {
        let handle = file.cast::<Handle>();
        (*handle).part = Box::into_raw(Box::new(part));
        (*handle).base.pMethods = &raw const METHODS;
    }
    ffi::SQLITE_OK
}

fn close_real(real: &RealFile) -> c_int {
    match real.methods().and_then(|methods| methods.xClose) {
        // SAFETY: the system has opened the file and nobody uses it any more.
        Some(close) => unsafe { close(real.file()) },
        None => ffi::SQLITE_OK,
    }
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync_dir: c_int) -> c_int {
    let system = system(vfs);
    let Some(delete) = system.xDelete else { return ffi::SQLITE_IOERR_DELETE };
    let path = path_of(name);
    let found = path.and_then(Rig::of);
    if let Some((rig, file_name)) = &found
        && path.is_some_and(Path::exists)
        && rig.remove(file_name).is_err()
    {
        return ffi::SQLITE_IOERR_DELETE;
    }
    let is_ours = found.is_some();
    // SAFETY: the same name; in a rig the folder is not flushed in earnest.
    let code = unsafe { delete(as_mut(system), name, if is_ours { 0 } else { sync_dir }) };
    match found {
        Some((rig, _)) if code == ffi::SQLITE_OK && sync_dir != 0 => {
            done(rig.sync_names(), ffi::SQLITE_IOERR_DIR_FSYNC)
        }
        _ => code,
    }
}

unsafe extern "C" fn access(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let system = system(vfs);
    if path_of(name).and_then(Rig::of).is_some_and(|(rig, _)| !rig.is_on()) {
        return ffi::SQLITE_IOERR_ACCESS;
    }
    // SAFETY: the same arguments.
    system.xAccess.map_or(ffi::SQLITE_IOERR_ACCESS, |access| unsafe {
        access(as_mut(system), name, flags, out)
    })
}

const fn done(step: Result<(), Off>, code: c_int) -> c_int {
    match step {
        Ok(()) => ffi::SQLITE_OK,
        Err(Off) => code,
    }
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    // Without `xFetch`: no file is mapped into memory past the rig.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(take_lock),
    xUnlock: Some(give_up_lock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

fn part_of<'a>(file: *mut sqlite3_file) -> &'a Part {
    // SAFETY: SQLite calls with a file whose table is ours; `open` put the box there and `close`,
    // which is the last call, takes it away.
    unsafe { &*(*file.cast::<Handle>()).part }
}

/// Calls one function of the system's table for its file beside ours.
macro_rules! real {
    ($part:expr, $function:ident $(, $argument:expr)*) => {{
        let real = &$part.real;
        match real.methods().and_then(|methods| methods.$function) {
            // SAFETY: the system's own file and the arguments that SQLite gave for it.
            Some(function) => unsafe { function(real.file() $(, $argument)*) },
            None => ffi::SQLITE_IOERR,
        }
    }};
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the last call for this file: the box of `open` is ours again.
    let part = unsafe { Box::from_raw((*file.cast::<Handle>()).part) };
    let code = close_real(&part.real);
    part.rig.closed();
    code
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    to: *mut c_void,
    n_bytes: c_int,
    at: sqlite3_int64,
) -> c_int {
    let part = part_of(file);
    if part.rig.is_on() { real!(part, xRead, to, n_bytes, at) } else { ffi::SQLITE_IOERR_READ }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    n_bytes: c_int,
    at: sqlite3_int64,
) -> c_int {
    let part = part_of(file);
    let (Ok(len), Ok(start)) = (usize::try_from(n_bytes), usize::try_from(at)) else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    // SAFETY: SQLite gives so many bytes to be written.
    let bytes = unsafe { slice::from_raw_parts(from.cast::<u8>(), len) };
    match part.rig.write(part.what, start, bytes) {
        Ok(()) => real!(part, xWrite, from, n_bytes, at),
        Err(Off) => ffi::SQLITE_IOERR_WRITE,
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, len: sqlite3_int64) -> c_int {
    let part = part_of(file);
    match part.rig.truncate(part.what, usize::try_from(len).unwrap_or_default()) {
        Ok(()) => real!(part, xTruncate, len),
        Err(Off) => ffi::SQLITE_IOERR_TRUNCATE,
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    let part = part_of(file);
    done(part.rig.sync(part.what), ffi::SQLITE_IOERR_FSYNC)
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, out: *mut sqlite3_int64) -> c_int {
    let part = part_of(file);
    if part.rig.is_on() { real!(part, xFileSize, out) } else { ffi::SQLITE_IOERR_FSTAT }
}

unsafe extern "C" fn take_lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    real!(part_of(file), xLock, level)
}

unsafe extern "C" fn give_up_lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    real!(part_of(file), xUnlock, level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    real!(part_of(file), xCheckReservedLock, out)
}

unsafe extern "C" fn file_control(
    file: *mut sqlite3_file,
    what: c_int,
    argument: *mut c_void,
) -> c_int {
    real!(part_of(file), xFileControl, what, argument)
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    real!(part_of(file), xSectorSize)
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    real!(part_of(file), xDeviceCharacteristics)
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    n_bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    real!(part_of(file), xShmMap, region, n_bytes, extend, out)
}

unsafe extern "C" fn shm_lock(
    file: *mut sqlite3_file,
    offset: c_int,
    n: c_int,
    flags: c_int,
) -> c_int {
    real!(part_of(file), xShmLock, offset, n, flags)
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    let real = &part_of(file).real;
    if let Some(barrier) = real.methods().and_then(|methods| methods.xShmBarrier) {
        // SAFETY: the system's own file.
        unsafe { barrier(real.file()) };
    }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    real!(part_of(file), xShmUnmap, delete)
}
