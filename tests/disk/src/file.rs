//! An open file as SQLite sees it: what reads and changes bytes goes through the [`Disk`], everything else to SQLite's own
//! file, which lies in the same memory right behind ours.

use crate::disk::Disk;
use crate::fault::Fault;
use libsqlite3_sys::{self as sqlite, sqlite3_file, sqlite3_int64, sqlite3_io_methods};
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// What stands before SQLite's own file.
#[repr(C)]
pub(crate) struct Watched {
    methods: *const sqlite3_io_methods,
    seen: *mut Seen,
}

struct Seen {
    disk: Arc<Disk>,
    name: String,
}

impl Watched {
    pub(crate) fn new(methods: *const sqlite3_io_methods, disk: Arc<Disk>, name: String) -> Self {
        let seen = Box::into_raw(Box::new(Seen { disk, name }));
        Self { methods, seen }
    }
}

/// The functions of a watched file. Version 2: memory mapping of the database itself is left out, since it would read past
/// the disk; the index of the write-ahead log is mapped as ever.
pub(crate) fn methods() -> *const sqlite3_io_methods {
    static METHODS: sqlite3_io_methods = sqlite3_io_methods {
        iVersion: 2,
        xClose: Some(close),
        xRead: Some(read),
        xWrite: Some(write),
        xTruncate: Some(truncate),
        xSync: Some(sync),
        xFileSize: Some(file_size),
        xLock: Some(lock),
        xUnlock: Some(unlock),
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
    &raw const METHODS
}

/// Frees what a watched file holds besides SQLite's own.
///
/// # Safety
/// The file is a [`Watched`], and nobody uses it afterwards.
pub(crate) unsafe fn forget(file: *mut sqlite3_file) {
    // SAFETY: the caller promises it; `seen` came from a box in `Watched::new` and is freed here only.
    drop(unsafe { Box::from_raw((*file.cast::<Watched>()).seen) });
}

/// What we know of a file.
///
/// # Safety
/// The file is an open [`Watched`]; SQLite does not use it after closing it.
unsafe fn seen<'a>(file: *mut sqlite3_file) -> &'a Seen {
    // SAFETY: the caller promises it; `seen` is freed in `forget` only.
    unsafe { &*(*file.cast::<Watched>()).seen }
}

/// Calls a function of SQLite's own file.
macro_rules! pass {
    ($file:ident . $function:ident ( $($argument:expr),* )) => {{
        // SAFETY: SQLite calls the functions of this file only while it is open; then its own file lies right behind ours,
        // with methods of the unix layer, which has all functions of version 2. The arguments are handed on as they came.
        unsafe {
            let inner: *mut sqlite3_file = $file.cast::<Watched>().add(1).cast();
            match (*(*inner).pMethods).$function {
                Some(function) => function(inner $(, $argument)*),
                None => sqlite::SQLITE_IOERR,
            }
        }
    }};
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let code = pass!(file.xClose());
    // SAFETY: SQLite closes a file once and then forgets it, whatever the outcome.
    unsafe { forget(file) };
    code
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    into: *mut c_void,
    amount: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite calls this on an open file of ours.
    let seen = unsafe { seen(file) };
    let outcome = seen.disk.read(|| pass!(file.xRead(into, amount, at)));
    outcome.unwrap_or(sqlite::SQLITE_IOERR_READ)
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    amount: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite calls this on an open file of ours.
    let seen = unsafe { seen(file) };
    let (Ok(length), Ok(place)) = (usize::try_from(amount), usize::try_from(at)) else {
        return sqlite::SQLITE_IOERR_WRITE;
    };
    // SAFETY: SQLite gives so many bytes at `from`, and they stay as they are until this returns.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), length) };
    let outcome = seen.disk.write(&seen.name, place, bytes, |length| {
        let length = c_int::try_from(length).unwrap_or(amount);
        pass!(file.xWrite(from, length, at))
    });
    outcome.unwrap_or_else(|fault| code(fault, sqlite::SQLITE_IOERR_WRITE))
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: SQLite calls this on an open file of ours.
    let seen = unsafe { seen(file) };
    let length = usize::try_from(size).unwrap_or_default();
    let outcome = seen
        .disk
        .cut(&seen.name, length, || pass!(file.xTruncate(size)));
    outcome.unwrap_or(sqlite::SQLITE_IOERR_TRUNCATE)
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite calls this on an open file of ours.
    let seen = unsafe { seen(file) };
    match seen.disk.sync(&seen.name) {
        Ok(()) => sqlite::SQLITE_OK,
        Err(_) => sqlite::SQLITE_IOERR_FSYNC,
    }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    pass!(file.xFileSize(size))
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    pass!(file.xLock(level))
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    pass!(file.xUnlock(level))
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    pass!(file.xCheckReservedLock(out))
}

unsafe extern "C" fn file_control(
    file: *mut sqlite3_file,
    what: c_int,
    argument: *mut c_void,
) -> c_int {
    pass!(file.xFileControl(what, argument))
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    pass!(file.xSectorSize())
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    pass!(file.xDeviceCharacteristics())
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    pass!(file.xShmMap(page, size, extend, out))
}

unsafe extern "C" fn shm_lock(
    file: *mut sqlite3_file,
    offset: c_int,
    n: c_int,
    flags: c_int,
) -> c_int {
    pass!(file.xShmLock(offset, n, flags))
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: as in `pass`; this one gives nothing back.
    unsafe {
        let inner: *mut sqlite3_file = file.cast::<Watched>().add(1).cast();
        if let Some(barrier) = (*(*inner).pMethods).xShmBarrier {
            barrier(inner);
        }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    pass!(file.xShmUnmap(delete))
}

/// SQLite's code for a fault of writing.
fn code(fault: Fault, otherwise: c_int) -> c_int {
    match fault {
        Fault::Full => sqlite::SQLITE_FULL,
        Fault::Error | Fault::Short | Fault::Read => otherwise,
    }
}
