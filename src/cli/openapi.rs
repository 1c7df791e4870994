//! `openapi`: prints the OpenAPI document that the server serves.

use clap::Args;

use crate::{error::Result, server};

/// Print the OpenAPI document, as /openapi.json serves it
#[derive(Debug, Args)]
pub(super) struct Openapi {}

impl Openapi {
    pub(super) fn run(self) -> Result<()> {
        let Self {} = self;
        super::print(server::document_text())
    }
}
