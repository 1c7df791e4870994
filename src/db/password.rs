//! Passwords in the URL of a PostgreSQL: how one is put in, and how it stays out of messages.

use std::borrow::Cow;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Target;
use crate::error::{Error, Result};

impl Target {
    /// The same database, with this password to sign in.
    ///
    /// # Errors
    /// For SQLite, which takes none, and for a URL that carries one already.
    pub fn with_password(self, password: &str) -> Result<Self> {
        let refused = |why: &str| Err(Error::Unavailable(format!("there is a password file, but {why}")));
        match self {
            Self::Sqlite(_) => {
                refused("the database is SQLite, which takes no password; give a postgres:// URL")
            }
            Self::Postgres(url) if Parts::of(&url).passwords().any(|(name, _)| name == "password") => {
                refused("the database's URL carries a password already; leave it out of the URL")
            }
            Self::Postgres(url) => {
                let password = utf8_percent_encode(password, NON_ALPHANUMERIC);
                Ok(Self::Postgres(with_parameters(&url, &format!("password={password}"))))
            }
        }
    }
}

/// A message without the passwords of this URL: libpq repeats parts of what it can't read, or all of it.
pub(super) fn conceal(url: &str, message: &str) -> String {
    let mut message = message.to_owned();
    for (_, password) in Parts::of(url).passwords() {
        message = message.replace(password, "(hidden)");
        message = message.replace(&*percent_decode_str(password).decode_utf8_lossy(), "(hidden)");
    }
    message
}

/// The parameters of a URL, still encoded.
pub(super) fn query_of(url: &str) -> Option<&str> {
    Parts::of(url).query
}

/// The URL with more parameters, which are encoded already.
pub(super) fn with_parameters(url: &str, more: &str) -> String {
    let join = match query_of(url) {
        None => "?",
        Some(query) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{url}{join}{more}")
}

/// The parts of a URL in which a password can stand, cut where libpq cuts them.
struct Parts<'a> {
    /// What stands between the user's `:` and the `@`.
    user_password: Option<&'a str>,
    query: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        // A user is there when an `@` comes before any `/`; neither can stand in a password as it is.
        let (user, rest) = match rest.find(['@', '/']).and_then(|at| rest.split_at_checked(at)) {
            Some((user, rest)) if rest.starts_with('@') => (user, rest),
            _ => ("", rest),
        };
        Self {
            user_password: user.split_once(':').map(|(_, password)| password),
            query: rest.split_once('?').map(|(_, query)| query),
        }
    }

    /// Every password that is there: the name of its parameter and its text, still encoded.
    fn passwords(&self) -> impl Iterator<Item = (Cow<'a, str>, &'a str)> {
        let parameters = self.query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        self.user_password
            .map(|password| (Cow::Borrowed("password"), password))
            .into_iter()
            .chain(parameters.map(|(name, value)| (percent_decode_str(name).decode_utf8_lossy(), value)))
            .filter(|(name, value)| matches!(&**name, "password" | "sslpassword") && !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_password(url: &str) -> std::result::Result<String, String> {
        match Target::parse(url).unwrap().with_password("p: w@/?%&ü") {
            Ok(Target::Postgres(url)) => Ok(url),
            Ok(Target::Sqlite(path)) => Err(path),
            Err(failure) => Err(failure.to_string()),
        }
    }

    #[test]
    fn a_password_is_put_into_every_form_of_a_url() {
        const ENCODED: &str = "password=p%3A%20w%40%2F%3F%25%26%C3%BC";
        for (url, join) in [
            ("postgres://u@h/d", "?"),
            ("postgres://u@h", "?"),
            ("postgres://", "?"),
            ("postgres://u:@h/d", "?"),
            ("postgres://u@[::1]:5432,h2:5433/d?target_session_attrs=read-write", "&"),
            ("postgres:///d?host=/run/postgresql&user=u", "&"),
            ("postgres:///d?host=/run/a@b:c&user=u", "&"),
            ("postgres://u@h/d?", ""),
            ("postgres://u@h/d?sslmode=require&", ""),
            ("postgres://u@h/d?password=", "&"),
            ("postgres://u@h/d?sslpassword=k", "&"),
        ] {
            assert_eq!(with_password(url), Ok(format!("{url}{join}{ENCODED}")));
        }
    }

    #[test]
    fn one_password_too_many_is_refused_and_not_repeated() {
        for url in [
            "postgres://u:first@h/d",
            "postgres:///d?password=first",
            "postgres:///d?user=u&pass%77ord=first",
        ] {
            let refusal = with_password(url).unwrap_err();
            assert!(
                refusal.contains("carries a password already") && !refusal.contains("first"),
                "{refusal}"
            );
        }
        let refusal = with_password("./registry.db").unwrap_err();
        assert!(refusal.contains("SQLite, which takes no password"), "{refusal}");
    }

    #[test]
    fn what_libpq_repeats_is_concealed() {
        let url = "postgres://u:fir%73t@[h/d?password=sec%ond&sslpassword=third";
        let message = conceal(url, &format!("in URI: {url}; token \"sec%ond\"; first"));
        assert_eq!(
            message,
            "in URI: postgres://u:(hidden)@[h/d?password=(hidden)&sslpassword=(hidden); token \"(hidden)\"; (hidden)"
        );
        assert_eq!(conceal("postgres://u:@h/d?x", "as it is"), "as it is");
    }
}
