//! Where a backup is written: under a temporary name in its folder, which it loses for its own when it is durable. A file
//! with the name of a backup is therefore always a whole one.

use std::{
    fs::{self, File, Permissions},
    io::{Error as IoError, ErrorKind},
    path::{Path, PathBuf},
};

use tempfile::{NamedTempFile, TempPath};

use crate::error::{Error, Result};

/// A file that is not there yet, and the temporary one that becomes it. The latter is removed with this value.
#[derive(Debug)]
pub struct Place {
    file: PathBuf,
    /// Open from the beginning: a folder that could not be synced is found before there is a backup.
    folder: File,
    partial: TempPath,
    /// What the file gets when it is written; nobody else may read it before, and the source's may forbid writing.
    rights: Permissions,
}

impl Place {
    /// A place for a copy of this database, which whoever may read the database may read.
    pub(super) fn beside(file: &Path, database: &Path) -> Result<Self> {
        let cant = |failure: &IoError| cant_write(file, failure);
        let file = std::path::absolute(file).map_err(|failure| cant(&failure))?;
        if fs::symlink_metadata(&file).is_ok() {
            return Err(already_there(&file));
        }
        let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else {
            return Err(cant(&IoError::from(ErrorKind::InvalidFilename)));
        };
        let opened = File::open(folder).map_err(|failure| cant(&failure))?;
        let rights = fs::metadata(database).map_err(|failure| cant(&failure))?.permissions();
        let partial = tempfile::Builder::new()
            .prefix(&format!(".{}.", name.to_string_lossy()))
            .suffix(".partial")
            .tempfile_in(folder)
            .map(NamedTempFile::into_temp_path)
            .map_err(|failure| cant(&failure))?;
        Ok(Self { file, folder: opened, partial, rights })
    }

    /// The path of the temporary file.
    ///
    /// # Errors
    /// A path that is not UTF-8, which SQLite can't be told.
    pub fn partial(&self) -> Result<&str> {
        self.partial.to_str().ok_or_else(|| {
            Error::Unavailable(format!("can't write {}: its path is not UTF-8", self.file.display()))
        })
    }

    /// Brings what was written to the disk, which SQLite promises of no copy.
    pub(super) fn sync(&self) -> Result<()> {
        File::open(&self.partial)
            .and_then(|file| file.sync_all())
            .map_err(|failure| cant_write(&self.file, &failure))
    }

    /// Gives the file its rights and its name, for good; gives its path and size.
    pub(super) fn name(self) -> Result<(PathBuf, u64)> {
        let Self { file, folder, partial, rights } = self;
        let finished = || -> std::io::Result<u64> {
            let written = File::open(&partial)?;
            written.set_permissions(rights)?;
            written.sync_all()?;
            Ok(written.metadata()?.len())
        };
        let bytes = finished().map_err(|failure| cant_write(&file, &failure))?;
        // Never over a file that somebody made meanwhile.
        partial.persist_noclobber(&file).map_err(|failure| match failure.error.kind() {
            ErrorKind::AlreadyExists => already_there(&file),
            _ => cant_write(&file, &failure.error),
        })?;
        // The name is an entry of the folder, which is on the disk when the folder is.
        folder.sync_all().map_err(|failure| {
            Error::Unavailable(format!(
                "{} is there and whole, but its name may not survive a crash: {failure}",
                file.display()
            ))
        })?;
        Ok((file, bytes))
    }
}

fn already_there(file: &Path) -> Error {
    Error::conflict(
        "already_there",
        format!("{} is there already; a backup overwrites nothing, give another name", file.display()),
    )
}

fn cant_write(file: &Path, failure: &IoError) -> Error {
    // What makes temporary files adds their names, which would only puzzle.
    let cause = failure.get_ref().and_then(|inner| inner.source()).map(ToString::to_string);
    let text = format!("can't write {}: {}", file.display(), cause.unwrap_or_else(|| failure.to_string()));
    match failure.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::NoRoom(text),
        _ => Error::Unavailable(text),
    }
}
