//! Answers that go on after they began: whether they who asked may still see what comes, and that what each part shows gets
//! into the log of reads. The guard, which is asked once before an answer that is made at once, is asked again for each part.

use std::{future::Future, pin::Pin, rc::Rc};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};

use super::Problem;
use crate::{db::Context, error::Error};

/// What the guard does for an answer that goes on.
pub trait Admission {
    /// What they signed in with, as the log names it.
    fn credential(&self) -> &str;

    /// Who asks, looked up anew, with a note of their own for what they see next. A refusal where they would be refused now.
    fn renewed(&self) -> Pin<Box<dyn Future<Output = Result<Context, Problem>> + '_>>;

    /// Puts what a part shows into the log of reads, where it is evidence; where it can't be put there, the part must not be
    /// sent.
    ///
    /// # Errors
    /// 503 where the log takes no more.
    fn shows(&self, context: &Context, part: &[u8]) -> Result<(), Problem>;
}

/// The guard's word for an answer that goes on. Only the guard puts it beside a request.
#[derive(Clone)]
pub struct Admitted(pub Rc<dyn Admission>);

impl FromRequest for Admitted {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        std::future::ready(found.ok_or_else(|| Error::internal("the guard lets no answer go on here").into()))
    }
}
