//! What API keys are made and checked with: the server's secret, from a file, from the environment, or, for SQLite, from a
//! file beside the database that is made where there is none. It is never an argument, and printed nowhere.

use std::{
    env,
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::Args;

use super::Password;
use crate::{
    db::Target,
    error::{Error, Result},
    keys::{KeyEnv, KeySecret, Keyring},
};

/// What API keys are made and checked with.
#[derive(Debug, Clone, Args)]
pub struct KeySettings {
    /// What stands in this registry's API keys for its environment, 2 to 12 lower-case letters and digits; keys of another
    /// one are refused
    #[arg(long, env = "KEY_ENV", default_value = "live")]
    key_env: KeyEnv,

    /// A file with the secret that API keys are hashed under, 32 bytes of text or more; or the variable `KEY_SECRET` holds it.
    /// With neither, an SQLite registry has it in a file beside the database, made where it is missing
    #[arg(long, env = "KEY_SECRET_FILE", value_name = "FILE", value_parser = read)]
    key_secret_file: Option<KeySecret>,
}

impl KeySettings {
    /// What keys are made and checked with; none for a PostgreSQL registry where no secret is stated.
    ///
    /// # Errors
    /// Two secrets, one that is too short, or a file that can't be read or made.
    pub fn keyring(self, target: &Target) -> Result<Option<Keyring>> {
        let Self { key_env, key_secret_file } = self;
        let stated = match (key_secret_file, of_environment()?) {
            (Some(_), Some(_)) => {
                let detail = "--key-secret-file and KEY_SECRET both hold a key secret; give one of them";
                return Err(Error::Unavailable(detail.into()));
            }
            (file, variable) => file.or(variable),
        };
        let secret = match (stated, target) {
            (Some(secret), _) => Some(secret),
            (None, Target::Sqlite(path)) => Some(beside(path)?),
            (None, Target::Postgres(_)) => None,
        };
        Ok(secret.map(|secret| Keyring::new(key_env, secret)))
    }

    /// [`KeySettings::keyring`], for whoever can't do without.
    ///
    /// # Errors
    /// As there, and where there is none.
    pub fn must_have_keyring(self, target: &Target) -> Result<Keyring> {
        self.keyring(target)?.ok_or_else(|| {
            Error::Unavailable(
                "API keys are hashed under a secret, which a PostgreSQL registry must be told: make one with \
                 `openssl rand -hex 32 > key-secret`, keep it as long as the registry, and name the file with \
                 --key-secret-file"
                    .into(),
            )
        })
    }
}

fn read(path: &str) -> std::result::Result<KeySecret, String> {
    KeySecret::parse(Password::read(path)?.reveal())
}

fn of_environment() -> Result<Option<KeySecret>> {
    match env::var_os("KEY_SECRET") {
        None => Ok(None),
        Some(text) => {
            let text =
                text.to_str().ok_or_else(|| Error::Unavailable("KEY_SECRET is no UTF-8 text".into()))?;
            KeySecret::parse(text)
                .map(Some)
                .map_err(|refusal| Error::Unavailable(format!("KEY_SECRET: {refusal}")))
        }
    }
}

/// The secret in the file beside an SQLite database, which is made where there is none. Of several processes that start at
/// once one makes it, and the others read it.
fn beside(database: &str) -> Result<KeySecret> {
    let path = PathBuf::from(format!("{database}.key-secret"));
    let unusable = |failure: &dyn std::fmt::Display| {
        Error::Unavailable(format!("the key secret {}: {failure}", path.display()))
    };
    if !path.exists() {
        make(&path).map_err(|failure| unusable(&failure))?;
    }
    read(&path.to_string_lossy()).map_err(|refusal| unusable(&refusal))
}

/// Makes the file, readable for its owner alone, under its name only once it is whole and on the disk.
fn make(path: &Path) -> io::Result<()> {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let secret = KeySecret::random().map_err(io::Error::other)?;
    // Only its owner can read what tempfile makes.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "{}", secret.reveal())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => File::open(folder)?.sync_all(),
        Err(failure) if failure.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(failure) => Err(failure.error),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, thread};

    use super::*;

    #[test]
    fn several_that_begin_at_once_have_one_secret_which_nobody_else_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("registry.db").to_str().unwrap().to_owned();
        let begin = || {
            let database = database.clone();
            thread::spawn(move || beside(&database).unwrap())
        };
        let begun: Vec<_> = (0..8).map(|_| begin()).collect();
        let secrets: Vec<KeySecret> = begun.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(secrets.iter().all(|secret| *secret == secrets[0]));
        let names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["registry.db.key-secret"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(format!("{database}.key-secret")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(format!("{database}.key-secret"), "short\n").unwrap();
        let refusal = beside(&database).unwrap_err().to_string();
        assert!(refusal.contains("at least 32") && !refusal.contains("short"), "{refusal}");
    }
}
