//! The layer as SQLite sees it: a copy of its own unix layer in which opening and removing files go through a [`Disk`]. Files
//! outside of watched directories are opened by SQLite's own layer, as if this one were not there.

use crate::disk::Disk;
use crate::file::{self, Watched};
use libsqlite3_sys as sqlite;
use std::ffi::{CStr, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, Ordering};

/// SQLite's own layer.
static REAL: AtomicPtr<sqlite::sqlite3_vfs> = AtomicPtr::new(std::ptr::null_mut());
static INSTALLED: Once = Once::new();

/// Makes this layer the one through which databases are opened in this process from now on.
pub(crate) fn install() {
    INSTALLED.call_once(|| {
        // SAFETY: null asks for the default layer. SQLite initialises itself for this call, and its layers live for ever.
        let real = unsafe { sqlite::sqlite3_vfs_find(std::ptr::null()) };
        assert!(!real.is_null(), "SQLite has a layer of its own");
        REAL.store(real, Ordering::SeqCst);
        // SAFETY: it is not null and lives for ever. Its functions take the layer they are called with as a bag of settings,
        // which the copy has all of: SQLite's own variants of its unix layer are made in the same way.
        let mut ours = unsafe { *real };
        ours.pNext = std::ptr::null_mut();
        ours.zName = c"faulty".as_ptr();
        ours.szOsFile += c_int::try_from(size_of::<Watched>()).expect("a few bytes");
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        // SAFETY: the layer is leaked, so SQLite may keep it. Its functions below keep the promises of sqlite3_vfs.
        let code = unsafe { sqlite::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1) };
        assert_eq!(code, sqlite::SQLITE_OK, "the layer is registered");
    });
}

unsafe extern "C" fn open(
    _: *mut sqlite::sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let real = REAL.load(Ordering::SeqCst);
    let open_real = |at: *mut sqlite::sqlite3_file| {
        // SAFETY: `real` was stored before this layer was registered and lives for ever; a unix layer can open. The other
        // arguments are SQLite's own; `at` has at least the real layer's szOsFile bytes behind it.
        unsafe {
            (*real).xOpen.map_or(sqlite::SQLITE_CANTOPEN, |open| {
                open(real, name, at, flags, out)
            })
        }
    };
    // SAFETY: SQLite gives a name that ends with a zero and outlives the file, or null for a temporary file.
    let Some((disk, called)) = (unsafe { path_of(name) }).and_then(Disk::of) else {
        return open_real(file);
    };
    // SAFETY: as above.
    let is_there = unsafe { path_of(name) }.is_some_and(Path::exists);
    let creates = flags & sqlite::SQLITE_OPEN_CREATE != 0 && !is_there;
    // SAFETY: SQLite gives szOsFile bytes at `file`, of which `Watched` takes the first and the real layer the rest; the
    // size of `Watched` is a multiple of its alignment, so that the rest is aligned as well.
    let inner = unsafe { file.cast::<Watched>().add(1) }.cast();
    let code = disk
        .open(&called, creates, || open_real(inner))
        .unwrap_or(sqlite::SQLITE_CANTOPEN);
    let methods = match code {
        sqlite::SQLITE_OK => file::methods(),
        // Nothing is open: SQLite must not close it.
        _ => std::ptr::null(),
    };
    // SAFETY: see above; the memory is ours to write until the file is closed.
    unsafe {
        file.cast::<Watched>()
            .write(Watched::new(methods, disk, called))
    };
    if code != sqlite::SQLITE_OK {
        // SAFETY: it was written just now, and nobody else will close it.
        unsafe { file::forget(file) };
    }
    code
}

unsafe extern "C" fn delete(
    _: *mut sqlite::sqlite3_vfs,
    name: *const c_char,
    sync: c_int,
) -> c_int {
    let real = REAL.load(Ordering::SeqCst);
    // SAFETY: as in `open`; a unix layer can delete.
    let delete = || unsafe {
        (*real)
            .xDelete
            .map_or(sqlite::SQLITE_IOERR_DELETE, |delete| {
                delete(real, name, sync)
            })
    };
    // SAFETY: SQLite gives a name that ends with a zero.
    match unsafe { path_of(name) }.and_then(Disk::of) {
        None => delete(),
        Some((disk, called)) => disk
            .remove(&called, sync != 0, delete)
            .unwrap_or(sqlite::SQLITE_IOERR_DELETE),
    }
}

/// The path behind a name of SQLite's.
///
/// # Safety
/// The name is null, or ends with a zero and lives as long as the path is used.
unsafe fn path_of<'a>(name: *const c_char) -> Option<&'a Path> {
    if name.is_null() {
        return None;
    }
    // SAFETY: the caller promises it.
    let name = unsafe { CStr::from_ptr(name) };
    Some(Path::new(OsStr::from_bytes(name.to_bytes())))
}
