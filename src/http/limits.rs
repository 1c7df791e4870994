//! How large a request's line may be, how long an answer may lie untaken, and what of HTTP is not taken here. What HTTP/1.1 itself forbids (two lengths, a
//! length beside chunks, folded headers) is refused before, by the server underneath.

use std::time::Duration;

use actix_web::{
    dev::ServiceRequest,
    http::{Method, header::UPGRADE},
};

use super::{problem, problem::Problem};

/// The longest path, in bytes. The longest that leads anywhere has about a hundred.
pub const PATH_LIMIT: usize = 2 * 1024;

/// The longest query, in bytes: room for a comment of ten thousand letters with every third one escaped.
pub const QUERY_LIMIT: usize = 32 * 1024;

/// The most parameters of a query: more than all filters of a list together take.
pub const PAIR_LIMIT: usize = 512;

/// How long an answer may lie in the network without anybody's taking any of it; then the connection is given up, and what
/// is left of the answer with it. What is sent in parts has shorter limits of its own, so that it can say why it ended.
pub const TAKEN_WITHIN: Duration = Duration::from_secs(60);

/// What is wrong with the outside of a request.
#[derive(Debug)]
pub struct Unfit {
    pub problem: Problem,
    /// Whether what follows on the connection can't be told from this request's body.
    pub closes: bool,
}

impl From<Problem> for Unfit {
    fn from(problem: Problem) -> Self {
        Self { problem, closes: false }
    }
}

/// Looks at a request from outside.
///
/// # Errors
/// 414 where the path or the query is too long, 400 where there are too many parameters or the protocol would be left.
pub fn check(request: &ServiceRequest) -> Result<(), Unfit> {
    let (path, query) = (request.uri().path(), request.query_string());
    if path.len() > PATH_LIMIT {
        let detail = format!("a path may have at most {PATH_LIMIT} bytes");
        return Err(Problem::new(&problem::URI_TOO_LONG, detail).into());
    }
    if query.len() > QUERY_LIMIT {
        let detail = format!("a query may have at most {QUERY_LIMIT} bytes; ask for less at once");
        return Err(Problem::new(&problem::URI_TOO_LONG, detail).into());
    }
    if query.split('&').count() > PAIR_LIMIT {
        let detail = format!("a query may have at most {PAIR_LIMIT} parameters; ask for less at once");
        return Err(Problem::new(&problem::INVALID_QUERY, detail).into());
    }
    // To both of these the connection ends HTTP for the server underneath, and all that follows is a body; a proxy that does
    // not think so would send somebody else's request behind it.
    let upgrades = request.headers().get_all(UPGRADE).any(|value| {
        value
            .to_str()
            .is_ok_and(|text| text.split(',').any(|name| name.trim().eq_ignore_ascii_case("websocket")))
    });
    if upgrades || request.method() == Method::CONNECT {
        let detail = "there are no web sockets and no tunnels here; send plain requests";
        return Err(Unfit { problem: Problem::new(&problem::MALFORMED, detail), closes: true });
    }
    Ok(())
}
