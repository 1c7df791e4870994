//! The keys of a registry in which none was ever made: without one nobody could sign in to make any.

use super::{
    keyring::{Keyring, Made},
    model::{ApiKeyCreate, ApiKeyRecord},
    service, store,
    token::Token,
};
use crate::{
    access::Role,
    db::{Context, Db},
    error::{Error, Result},
    values::Line,
};

/// Which keys a registry begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// One, of an admin, who makes the others.
    Admin,
    /// One of each role, for a registry that holds the example.
    OfEachRole,
}

impl First {
    fn keys(self) -> Result<Vec<ApiKeyCreate>> {
        let line = |text: &str| Line::parse(text).map_err(Error::internal);
        let key = |actor: &str, name: &str, role: Role| {
            Ok(ApiKeyCreate { actor: line(actor)?, name: line(name)?, role, expires_at: None })
        };
        match self {
            Self::Admin => Ok(vec![key("admin", "First key", Role::Admin)?]),
            Self::OfEachRole => {
                Role::ALL.iter().map(|role| key(&format!("demo-{role}"), "Demonstration", *role)).collect()
            }
        }
    }
}

/// Makes the first keys, unless a key was ever made. Of several processes that start at once one makes them.
///
/// # Errors
/// When the database can't take them.
pub fn make_first(db: &Db, keyring: &Keyring, first: First) -> Result<Vec<(ApiKeyRecord, Token)>> {
    let stated = first.keys()?;
    let drafts: Vec<(Made, ApiKeyCreate)> =
        stated.into_iter().map(|stated| Ok((keyring.make()?, stated))).collect::<Result<_>>()?;
    db.write_blocking(Context::own(), move |tx| {
        if store::any(tx.connection())? {
            return Ok(Vec::new());
        }
        let record = |(made, stated): &(Made, ApiKeyCreate)| {
            Ok((service::create(tx, made, stated.clone())?, made.token.clone()))
        };
        drafts.iter().map(record).collect()
    })
}
