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
    values::{ApiKeyId, Line, nth_example_id},
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
    fn keys(self) -> Result<Vec<(ApiKeyId, ApiKeyCreate)>> {
        let line = |text: &str| Line::parse(text).map_err(Error::internal);
        let key = |actor: &str, name: &str, role: Role| {
            Ok(ApiKeyCreate { actor: line(actor)?, name: line(name)?, role, expires_at: None })
        };
        // Those of the example have the same ids everywhere, like all else that the documentation shows; not the same secrets.
        let of_role = |(number, role): (usize, &Role)| {
            let actor = format!("demo-{role}");
            Ok((
                nth_example_id(number, &format!("key of {actor}")).into(),
                key(&actor, "Demonstration", *role)?,
            ))
        };
        match self {
            Self::Admin => Ok(vec![(ApiKeyId::new(), key("admin", "First key", Role::Admin)?)]),
            Self::OfEachRole => Role::ALL.iter().enumerate().map(of_role).collect(),
        }
    }
}

/// Makes the first keys, unless a key was ever made. Of several processes that start at once one makes them.
///
/// # Errors
/// When the database can't take them.
pub fn make_first(db: &Db, keyring: &Keyring, first: First) -> Result<Vec<(ApiKeyRecord, Token)>> {
    let stated = first.keys()?;
    let make = |(id, stated)| Ok((keyring.make_under(id)?, stated));
    let drafts: Vec<(Made, ApiKeyCreate)> = stated.into_iter().map(make).collect::<Result<_>>()?;
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
