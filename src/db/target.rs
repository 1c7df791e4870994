//! Where a registry is kept, read from a database URL.

use std::fmt;

use crate::error::{Error, Result};

/// Where the registry is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// The path of an SQLite file.
    Sqlite(String),
    /// A PostgreSQL URL, with its own parameters.
    Postgres(String),
}

impl Target {
    /// Reads a database URL.
    ///
    /// # Errors
    /// A URL of another database, or none at all; the text says what to write instead.
    pub fn parse(url: &str) -> std::result::Result<Self, String> {
        let url = url.trim();
        let path_of = |path: &str| {
            let memory = path == ":memory:" || path.starts_with("file:");
            let looks_like_another =
                path.split(['/', '\\']).next().is_some_and(|first| first.contains(['=', ':']));
            if memory || looks_like_another {
                let refusal = "this is no path of a file; give one such as ./registry.db, or postgres://user@host/database";
                return Err(refusal.into());
            }
            Ok(Self::Sqlite(path.to_owned()))
        };
        let parts = url.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
        match parts.as_ref().map(|(scheme, rest)| (scheme.as_str(), *rest)) {
            Some(("postgres" | "postgresql", rest)) => {
                // There libpq would cut the password in two, and repeat one half.
                let before_parameters = rest.split('?').next().unwrap_or_default();
                match before_parameters.find('/').and_then(|slash| before_parameters.get(slash..)) {
                    Some(path) if path.contains('@') => {
                        Err("has an @ after a /: in a user's name or password write / as %2F".into())
                    }
                    _ => Ok(Self::Postgres(format!("postgres://{rest}"))),
                }
            }
            Some(("sqlite", path)) if !path.is_empty() => path_of(path),
            Some((scheme, _)) => Err(format!(
                "the registry does not know the database '{scheme}'; give a path such as ./registry.db, \
                 or postgres://user@host/database"
            )),
            None if url.is_empty() => Err("is empty; give a path such as ./registry.db".into()),
            None => path_of(url),
        }
    }

    /// For commands that only look: opening an SQLite file that is not there would make one.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn must_exist(&self) -> Result<()> {
        match self {
            Self::Sqlite(path) if !std::path::Path::new(path).is_file() => {
                Err(Error::Unavailable(format!("there is no SQLite file {path}")))
            }
            Self::Sqlite(_) | Self::Postgres(_) => Ok(()),
        }
    }
}

impl fmt::Display for Target {
    /// For logs: a PostgreSQL URL can carry a password, so only its kind is named.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "SQLite at {path}"),
            Self::Postgres(_) => f.write_str("PostgreSQL"),
        }
    }
}

impl fmt::Debug for Target {
    /// As `Display`: what is printed somewhere by accident shows no password either.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_not_known_is_refused_with_what_to_write_instead() {
        let refusal = Target::parse("mysql://root@localhost/x").unwrap_err();
        assert!(refusal.contains("mysql") && refusal.contains("postgres://"), "{refusal}");
        assert_eq!(Target::parse("sqlite://a.db"), Ok(Target::Sqlite("a.db".into())));
        assert_eq!(Target::parse("./a.db"), Ok(Target::Sqlite("./a.db".into())));
        assert_eq!(Target::parse("/a:b/c.db"), Ok(Target::Sqlite("/a:b/c.db".into())));
        assert!(Target::parse("POSTGRES://h/d").is_ok_and(|target| matches!(target, Target::Postgres(_))));
        assert!(Target::parse("postgres://u@h/d?host=/run/a@b").is_ok());
        let refusal = Target::parse("postgres://u:some/thing@h/d").unwrap_err();
        assert!(refusal.contains("%2F") && !refusal.contains("some"), "{refusal}");
        for wrong in [":memory:", "sqlite:a.db", "host=a dbname=b", "file:a.db", ""] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        let target = Target::parse("postgres://user:hidden@host/registry").unwrap();
        assert!(!format!("{target} {target:?}").contains("hidden"));
    }
}
