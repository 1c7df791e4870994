//! `openapi`: prints the OpenAPI document that the server serves.

use clap::Args;

use crate::server;

/// Print the OpenAPI document, as /openapi.json serves it
#[derive(Debug, Args)]
pub(super) struct Openapi {}

impl Openapi {
    #[expect(clippy::print_stdout, reason = "the document is the command's output")]
    pub(super) fn run(self) {
        let Self {} = self;
        print!("{}", server::document_text());
    }
}
