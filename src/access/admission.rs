//! The guard's word for answers that go on: each part of them is for whoever may still ask, and what it shows is logged before
//! it is sent.

use std::{future::Future, pin::Pin};

use actix_web::{http::header::HeaderMap, web::Data};

use super::{
    door::Door,
    evidence::{Reader, read},
    guard::{context_of, unwired},
    operation::Operation,
};
use crate::{
    access_log::AccessLog,
    db::Context,
    http::{Problem, admitted::Admission},
    values::Sha256Hex,
};

/// Somebody whose answer goes on.
pub(super) struct Lasting {
    pub(super) door: Data<Door>,
    pub(super) log: Option<Data<AccessLog>>,
    pub(super) operation: Operation,
    /// What they showed when they asked, and nothing else.
    pub(super) shown: HeaderMap,
    pub(super) reader: Reader,
}

impl Admission for Lasting {
    fn credential(&self) -> &str {
        &self.reader.credential
    }

    fn renewed(&self) -> Pin<Box<dyn Future<Output = Result<Context, Problem>> + '_>> {
        Box::pin(async {
            let identity = self.door.identify(&self.shown).await?;
            context_of(&identity, self.operation, self.reader.request_id.clone())
        })
    }

    fn shows(&self, context: &Context, part: &[u8]) -> Result<(), Problem> {
        if !context.evidence.answered(|| Sha256Hex::of(part)) {
            return Ok(());
        }
        let mut shown = context.evidence.shown();
        let Some(digest) = shown.answer_sha256.take() else { return Ok(()) };
        let log = self.log.as_ref().ok_or_else(|| unwired("access log"))?;
        Ok(log.add(read(self.reader.clone(), shown, (200, digest)))?)
    }
}
