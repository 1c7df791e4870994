//! The change feed as a stream of server-sent events.

use std::{collections::BTreeMap, time::Duration};

use actix_web::{
    HttpRequest, ResponseError, get,
    rt::time::Instant,
    web::{Bytes, Data},
};
use futures_util::stream::unfold;
use serde::Deserialize;
use utoipa::{
    IntoParams, IntoResponses,
    openapi::{ContentBuilder, ObjectBuilder, RefOr, Response, ResponseBuilder, Type},
};

use super::{
    api::TAG,
    feed::{self, FeedRequest, Following},
    follower::{Follower, Waited},
    followers::{By, Followers},
    model::{JournalEntry, SubjectKind},
};
use crate::{
    db::{Context, Cost, Db, Snapshot},
    error::Result,
    http::{
        Admitted, Asker, Problem, Query,
        events::{EVENT_STREAM, Event, EventStream, LastEventId, comment},
        openapi::records_of,
        request::WithoutBody,
        to_json,
    },
    values::Seq,
};

/// After how long without anything to say a stream says that it is there, and asks whether its reader still may read. Half
/// of what the impatient among proxies wait for.
const BEAT: Duration = Duration::from_secs(10);

/// How long a reader is to wait, in milliseconds, before it opens a stream again that has ended.
const RETRY: u32 = 1000;

/// How much is read at a time, in entries and in bytes of their texts: what waits in memory for a slow reader.
const PART: i64 = 100;
const PART_BYTES: usize = 256 * 1024;

/// How long a stream waits before it reads again, where the database could not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// What is said to readers when the server stops.
const STOPS: &str = "the server stops";

/// From where on, and what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StreamQuery {
    /// Only entries after this position, 0 for all that there are; without it and without `Last-Event-ID` what is recorded
    /// from now on. `Last-Event-ID` goes before it.
    after: Option<Seq>,
    /// Only entries about this kind of record.
    subject_kind: Option<SubjectKind>,
}

/// Stream journal entries
///
/// The change feed as server-sent events, within a second of each change: what was recorded after the position, then what is
/// recorded, as long as the connection holds. Each entry is one event: `id` is its `seq`, `event` its `action`, `data` the
/// `JournalEntry` as JSON on one line. Lines that begin with a colon say that the stream is there, and hold nothing.
///
/// A stream may end at any time: when the connection or the server does, and when your key is revoked or expires. To go on,
/// open it again with the last `id` that you have got in `Last-Event-ID`: nothing is missed and nothing comes twice. The first
/// `id` comes at once, without an event, so that this holds before the first entry too.
#[utoipa::path(
    tag = TAG,
    params(
        StreamQuery,
        (
            "Last-Event-ID" = Option<Seq>, Header,
            description = "The `id` of the last event that you have got: goes on after it, whatever `after` says.",
        ),
    ),
    responses(EventStream<JournalEntry>),
)]
#[get("/v1/journal-stream")]
pub(super) async fn stream_journal_entries(
    request: HttpRequest,
    (db, followers): (Data<Db>, Data<Followers>),
    (asker, admitted): (Asker, Admitted),
    last: LastEventId,
    query: Query<StreamQuery>,
) -> std::result::Result<EventStream<JournalEntry>, Problem> {
    let StreamQuery { after, subject_kind } = query.0;
    let request_id = asker.0.request_id.clone();
    let asked = match (last.0, after) {
        (Some(last), _) => Some(("Last-Event-ID", last)),
        (None, after) => after.map(|after| ("after", after.get())),
    };
    let begin = move |snapshot: &mut Snapshot<'_>| match asked {
        None => feed::beginning(snapshot, subject_kind),
        Some((stated, after)) => {
            feed::within_head(snapshot.head()?.seq, (stated, after)).map(|()| (after, after))
        }
    };
    let (after, shown) = db.read(asker.0, Cost::Scan, begin).await?;
    if WithoutBody::is_asked(&request) {
        return Ok(EventStream::headers_only());
    }
    let follower = Follower::enter(&db, &followers, (admitted, By::Stream), after)?;
    let stream = Streamed::new(follower, subject_kind, (shown, request_id));
    Ok(EventStream::of(unfold(stream, |mut stream| async { stream.next().await.map(|part| (part, stream)) })))
}

/// What the document says of the stream.
impl IntoResponses for EventStream<JournalEntry> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let data = r#"{"seq":42,"action":"vendor.created","subject_kind":"vendor"}"#;
        let events = ContentBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .example(Some(
                format!("retry: {RETRY}\nid: 41\n\nid: 42\nevent: vendor.created\ndata: {data}\n\n").into(),
            ))
            .extensions(Some(records_of::<JournalEntry>()));
        let stream = ResponseBuilder::new()
            .description("Events, one for each entry")
            .content(EVENT_STREAM, events.build());
        BTreeMap::from([("200".to_owned(), stream.into())])
    }
}

/// A stream on its way.
struct Streamed {
    follower: Follower,
    subject_kind: Option<SubjectKind>,
    request_id: String,
    /// What it begins with.
    greeting: Option<String>,
    /// Whether there may be something to read.
    is_due: bool,
    /// Whether nothing was read yet.
    is_new: bool,
    /// When it says that it is there.
    beat: Instant,
    /// Why it has ended, where it was the server that ended it.
    ended: Option<&'static str>,
    began: Instant,
    sent: usize,
}

/// What comes of a reading.
enum Next {
    Send(String),
    Wait,
    Pause,
    End(&'static str),
}

impl Streamed {
    /// `shown`: the position that the reader goes on after where it gets nothing else.
    fn new(
        follower: Follower,
        subject_kind: Option<SubjectKind>,
        (shown, request_id): (u64, String),
    ) -> Self {
        let now = Instant::now();
        Self {
            follower,
            subject_kind,
            request_id,
            greeting: Some(format!("retry: {RETRY}\nid: {shown}\n\n")),
            is_due: true,
            is_new: true,
            beat: now + BEAT,
            ended: None,
            began: now,
            sent: 0,
        }
    }

    /// The next part. It is asked for when the reader has taken the one before, so no more than that waits in memory.
    async fn next(&mut self) -> Option<Bytes> {
        let part = match self.greeting.take() {
            Some(greeting) => greeting,
            None => self.part().await?,
        };
        self.beat = Instant::now() + BEAT;
        Some(Bytes::from(part))
    }

    async fn part(&mut self) -> Option<String> {
        loop {
            if self.ended.is_some() {
                return None;
            }
            // However much there is to read.
            if self.follower.is_over() {
                return Some(self.end(STOPS));
            }
            let mut until = self.beat;
            if self.is_due {
                match self.read().await {
                    Next::Send(part) => return Some(part),
                    Next::End(why) => return Some(self.end(why)),
                    Next::Wait => {}
                    Next::Pause => {
                        self.follower.pause(PAUSE);
                        until = until.min(Instant::now() + PAUSE);
                    }
                }
            }
            match self.follower.wait(until).await {
                Waited::Over => return Some(self.end(STOPS)),
                Waited::Recorded => self.is_due = true,
                Waited::Elapsed if Instant::now() < self.beat => {}
                Waited::Elapsed => return Some(self.is_there().await),
            }
        }
    }

    /// What was recorded, for whoever may read it now, and in the log of reads before it is sent. Where there is nothing that
    /// they see, nothing is said.
    async fn read(&mut self) -> Next {
        let request = FeedRequest {
            after: self.follower.after(),
            subject_kind: self.subject_kind,
            limit: PART.saturating_add(1),
            bytes: PART_BYTES,
        };
        let read = self.follower.read(None, move |snapshot| feed::follow(snapshot, &request));
        match read.await.and_then(|(following, context)| self.show(following, &context)) {
            Ok(next) => next,
            Err(refusal) => Self::refused(&refusal),
        }
    }

    fn show(&mut self, following: Following, context: &Context) -> std::result::Result<Next, Problem> {
        let Following { entries, after, is_cut } = following;
        let mut text = String::new();
        for entry in &entries {
            write(entry, &mut text)?;
        }
        let is_news = self.is_new || !entries.is_empty();
        if is_news && !is_cut {
            text += &comment("that is all so far");
        }
        self.follower.shows(context, &text)?;
        self.follower.has_seen(after);
        self.sent = self.sent.saturating_add(entries.len());
        (self.is_new, self.is_due) = (false, is_cut);
        Ok(if is_news { Next::Send(text) } else { Next::Wait })
    }

    /// A reader that is busy or gone for a while may be there again; whoever may no longer read must ask again.
    fn refused(refusal: &Problem) -> Next {
        match refusal.status_code().as_u16() {
            503 => Next::Pause,
            401 => Next::End("sign in again"),
            403 => Next::End("your role may no longer do this"),
            422 => Next::End("the journal ends before what you have seen; open the stream again"),
            _ => {
                log::error!("a stream of the journal ends: {}", refusal.cause.as_deref().unwrap_or_default());
                Next::End("the registry failed")
            }
        }
    }

    /// Says that the stream is there, where its reader still may read.
    async fn is_there(&mut self) -> String {
        match self.follower.is_admitted().await.map_err(|refusal| Self::refused(&refusal)) {
            Err(Next::End(why)) => self.end(why),
            Err(_) | Ok(()) => comment("still here"),
        }
    }

    fn end(&mut self, why: &'static str) -> String {
        self.ended = Some(why);
        comment(why)
    }
}

fn write(entry: &JournalEntry, text: &mut String) -> Result<()> {
    let data = to_json(entry)?;
    Event { id: entry.seq, name: entry.action.as_str(), data: &data }.write(text);
    Ok(())
}

impl Drop for Streamed {
    /// One line, as for every request; the one at the beginning says who it was.
    fn drop(&mut self) {
        log::info!(
            "a stream of the journal ended after {:.3}s with {} entries: {} request_id={}",
            self.began.elapsed().as_secs_f64(),
            self.sent,
            self.ended.unwrap_or("its reader is gone"),
            self.request_id
        );
    }
}
