//! What an export is: rows that are found in one snapshot, what stands above them, and the answer that sends them.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE, IF_NONE_MATCH},
    },
    rt::time::Instant,
};
use serde::Serialize;
use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, ObjectBuilder, RefOr, Response, ResponseBuilder, Type},
};

use super::{
    format::ExportFormat,
    places::Exports,
    rows::Rows,
    sending::{Body, Sending},
};
use crate::{
    db::{Context, Cost, Db, Evidence, Position, Sight, Snapshot},
    error::Result,
    http::{
        Problem,
        admitted::Admitted,
        answer::{Begun, Keeping, digest_etag, is_kept},
        openapi::records_of,
        request::WithoutBody,
    },
    journal::Knowledge,
    values::{Date, Sha256Hex},
};

/// The query of an export that is asked for by GET: which rows, and in what form.
pub(super) trait ExportQuery: Serialize + Send + 'static {
    type Rows: Rows;

    fn format(&self) -> ExportFormat;

    /// Whether what it shows can be evidence to somebody of this sight.
    fn may_be_evidence(sight: Sight) -> bool;

    /// Finds the rows.
    ///
    /// # Errors
    /// What is asked for can't be, or the database can't answer.
    fn find(self, snapshot: &mut Snapshot<'_>) -> Result<Found<Self::Rows>>;
}

/// What an export shows, and from which position.
pub(super) struct Found<R> {
    pub(super) rows: R,
    pub(super) known: Knowledge,
}

/// Who asks for an export, and for what form of it.
pub(super) struct Order {
    pub(super) db: Db,
    pub(super) exports: Exports,
    pub(super) asker: Context,
    /// The guard's word for what is sent after the beginning.
    pub(super) admitted: Admitted,
    pub(super) format: ExportFormat,
    /// What was asked, with what a client has of it.
    pub(super) request: HttpRequest,
    /// What an ETag is made from beside the journal's head; `None`: it has none.
    pub(super) question: Option<String>,
}

/// What an ETag is made of: nothing of what an export shows changes without an entry or a new day; whoever sees more gets
/// another one.
struct Etag {
    today: Date,
    sight: Sight,
    form: String,
    question: String,
}

impl Etag {
    fn at(&self, head: Position) -> String {
        // The position alone would not do: a database that lost its last entries gives their positions to others.
        let head = format!("{} {}", head.seq, head.recorded_at);
        let Self { today, sight, form, question } = self;
        digest_etag(&Sha256Hex::of(format!("{head} {today} {sight} {form} {question}").as_bytes()))
    }
}

impl Order {
    /// Gives the answer: that its client has it already, where that can be told without the rows and need not be logged with
    /// what they are; else as `answer` does.
    pub(super) async fn answer_to<Q: ExportQuery>(
        self,
        query: Q,
    ) -> std::result::Result<Export<Q::Rows>, Problem> {
        let etag = self.etag::<Q::Rows>(Date::today());
        let is_conditional = self.request.headers().contains_key(IF_NONE_MATCH);
        if let Some(etag) = etag.filter(|_| is_conditional && !Q::may_be_evidence(self.asker.sight)) {
            let head = self.db.read(self.asker.clone(), Cost::Key, |snapshot| snapshot.head()).await?;
            let etag = etag.at(head);
            if is_kept(&self.request, &etag) {
                return Ok(Export(State::Kept { etag }));
            }
        }
        self.answer(move |snapshot| query.find(snapshot)).await
    }

    fn etag<R: Rows>(&self, today: Date) -> Option<Etag> {
        let version = env!("CARGO_PKG_VERSION");
        let form = format!("{} {} {:?} {version}", self.format, R::NAME, R::COLUMNS);
        let question = self.question.clone()?;
        Some(Etag { today, sight: self.asker.sight, form, question })
    }

    /// Finds the rows, and gives the answer that will send them.
    pub(super) async fn answer<R, F>(self, find: F) -> std::result::Result<Export<R>, Problem>
    where
        R: Rows,
        F: FnOnce(&mut Snapshot<'_>) -> Result<Found<R>> + Send + 'static,
    {
        let place = self.exports.enter(self.admitted.0.credential())?;
        // Taken before the rows are read: over midnight an ETag must not promise the later day's states to the earlier.
        let today = Date::today();
        let until = Instant::now() + self.exports.within;
        let find = |snapshot: &mut Snapshot<'_>| Ok((snapshot.head()?, find(snapshot)?));
        let (head, Found { rows, known }) = self.db.read(self.asker.clone(), Cost::Scan, find).await?;
        let etag = self.etag::<R>(today).map(|etag| etag.at(head));
        let heading = Heading {
            evidence: self.asker.evidence.clone(),
            etag,
            format: self.format,
            file: format!("{}-{today}-seq-{}.{}", R::NAME, known.seq, self.format),
            known_seq: known.seq,
            rows: rows.count(),
        };
        let sending = Sending {
            db: self.db,
            asker: self.asker,
            admitted: self.admitted,
            rows: Arc::new(rows),
            format: self.format,
            known,
            until,
            taken_within: self.exports.taken_within,
            _place: place,
        };
        Ok(Export(State::Found { heading, sending: Box::new(sending) }))
    }
}

/// What stands above an export.
struct Heading {
    evidence: Evidence,
    etag: Option<String>,
    format: ExportFormat,
    file: String,
    known_seq: u64,
    rows: usize,
}

/// An export that is ready to be sent, or need not be. Nothing is read for it where only its headers are wanted.
pub struct Export<R>(State<R>);

enum State<R> {
    /// Its client has it, and it is no evidence.
    Kept {
        etag: String,
    },
    Found {
        heading: Heading,
        sending: Box<Sending<R>>,
    },
}

/// What the document says of it: one text, of which NDJSON has a schema for each line.
impl<R: Rows> IntoResponses for Export<R> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let text = || ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String)));
        let file = ResponseBuilder::new()
            .description("The file. It is whole only if the answer ends as HTTP says; one that can't be finished is cut off")
            .content(ExportFormat::Csv.essence(), text().build())
            .content(ExportFormat::Ndjson.essence(), text().extensions(Some(records_of::<R::Line>())).build());
        BTreeMap::from([("200".to_owned(), file.into())])
    }
}

impl<R: Rows> Responder for Export<R> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse<BoxBody> {
        let (heading, sending) = match self.0 {
            State::Found { heading, sending } => (heading, sending),
            State::Kept { etag } => {
                let keeping = Keeping { etag: Some(etag), is_confidential: false };
                return keeping.begin(request, StatusCode::OK).answer.finish();
            }
        };
        let Heading { evidence, etag, format, file, known_seq, rows } = heading;
        // Nobody knows the digest of what isn't read yet. The log is told of the beginning, when nothing is sent, and of the
        // end, when everything is.
        let is_evidence = evidence.answered(|| Sha256Hex::of(b""));
        let keeping = Keeping { etag, is_confidential: is_evidence };
        let Begun { mut answer, is_unchanged } = keeping.begin(request, StatusCode::OK);
        if is_unchanged {
            return answer.finish();
        }
        answer
            .insert_header((CONTENT_TYPE, format.media_type()))
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")))
            .insert_header(("known-seq", known_seq.to_string()))
            .insert_header(("row-count", rows.to_string()));
        let body = if WithoutBody::is_asked(request) { Body::ended() } else { sending.start() };
        answer.body(BoxBody::new(body))
    }
}
