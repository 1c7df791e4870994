//! Why an export is not sent to its end, and what of that is worth waiting for.

use std::{future::Future, time::Duration};

use actix_web::{
    ResponseError,
    http::StatusCode,
    rt::time::{Instant, sleep},
};

use crate::{error::Error, http::Problem};

/// How long an export waits before it tries again.
const PAUSE: Duration = Duration::from_millis(200);

/// Why an export was not sent to its end.
#[derive(Debug)]
pub(super) enum Stopped {
    /// Nobody takes it any more.
    Left,
    /// It can't be read now, and may well be in a moment: no connection is free, a lock is held, the database or the sign-on
    /// is being started again.
    Passing(String),
    /// It can't be finished.
    Failed(String),
}

impl From<Error> for Stopped {
    fn from(failure: Error) -> Self {
        let text = failure.to_string();
        match Problem::from(failure).status_code() {
            StatusCode::SERVICE_UNAVAILABLE => Self::Passing(text),
            _ => Self::Failed(text),
        }
    }
}

impl Stopped {
    /// What a refusal of whoever asked means to what they are being sent.
    pub(super) fn by_refusal(refusal: &Problem) -> Self {
        let why = refusal.cause.clone().unwrap_or_else(|| refusal.to_string());
        match refusal.status_code() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Self::Failed(format!("who asked for it may no longer have it: {why}"))
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                Self::Passing(format!("who asked for it can't be looked up: {why}"))
            }
            _ => Self::Failed(format!("who asked for it could not be looked up: {why}")),
        }
    }
}

/// Tries until it works, or fails for good, or has not passed by then.
pub(super) async fn patiently<T, F>(until: Instant, mut attempt: impl FnMut() -> F) -> Result<T, Stopped>
where
    F: Future<Output = Result<T, Stopped>>,
{
    loop {
        match attempt().await {
            Err(Stopped::Passing(_)) if Instant::now() < until => sleep(PAUSE).await,
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem;

    fn text(stopped: &Stopped) -> (&'static str, &str) {
        match stopped {
            Stopped::Left => ("left", ""),
            Stopped::Passing(why) => ("passing", why),
            Stopped::Failed(why) => ("failed", why),
        }
    }

    #[test]
    fn only_who_may_no_longer_have_an_export_is_said_to_and_what_passes_is_waited_for() {
        let by = |kind, detail: &str| Stopped::by_refusal(&Problem::new(kind, detail));
        for (kind, wanted) in [
            (&problem::UNAUTHENTICATED, ("failed", "who asked for it may no longer have it")),
            (&problem::FORBIDDEN, ("failed", "who asked for it may no longer have it")),
            (&problem::UNAVAILABLE, ("passing", "who asked for it can't be looked up")),
            (&problem::INTERNAL, ("failed", "who asked for it could not be looked up")),
        ] {
            let stopped = by(kind, "because");
            let (outcome, why) = text(&stopped);
            assert_eq!(outcome, wanted.0, "{why}");
            assert!(why.starts_with(wanted.1) && why.ends_with("because"), "{why}");
        }
        let timed_out = Stopped::by_refusal(&Error::TimedOut("a lock".into()).into());
        assert_eq!(text(&timed_out), ("passing", "who asked for it can't be looked up: a lock"));
        for (failure, wanted) in [
            (Error::Busy("no connection is free"), "passing"),
            (Error::TimedOut("a lock".into()), "passing"),
            (Error::Unavailable("it is being started".into()), "passing"),
            (Error::Interrupted("its connection was ended".into()), "passing"),
            (Error::internal("a row can't be read"), "failed"),
        ] {
            assert_eq!(text(&Stopped::from(failure.clone())).0, wanted, "{failure}");
        }
    }

    #[actix_web::test]
    async fn what_passes_is_tried_again_as_long_as_there_is_time_and_what_fails_is_not() {
        let passing = || Stopped::Passing("a lock".into());
        let (later, mut tries) = (Instant::now() + Duration::from_secs(60), 0);
        let found = patiently(later, || {
            tries += 1;
            let outcome = if tries < 3 { Err(passing()) } else { Ok(tries) };
            async { outcome }
        });
        assert_eq!(found.await.unwrap(), 3);
        let mut tries = 0;
        let failed = patiently::<(), _>(later, || {
            tries += 1;
            async { Err(Stopped::Failed("for good".into())) }
        });
        assert_eq!(text(&failed.await.unwrap_err()), ("failed", "for good"));
        assert_eq!(tries, 1);
        let late = patiently::<(), _>(Instant::now(), || async { Err(passing()) });
        assert_eq!(text(&late.await.unwrap_err()), ("passing", "a lock"));
    }
}
