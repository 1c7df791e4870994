//! How an export reaches its client. What it shows is found in one snapshot; then it is read some rows at a time, each time on
//! a connection that is given back before anything is sent, and handed on through a channel that holds one part. So a slow
//! client costs memory for two parts, and neither a connection nor a thread. An export that can't be finished is cut off:
//! its last chunk is never sent, and so no client takes it for whole.

use std::{
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context as Waker, Poll},
    time::Duration,
};

use actix_web::{
    body::{BodySize, MessageBody},
    rt::time::{Instant, timeout},
    web::Bytes,
};
use tokio::sync::mpsc;

use super::{
    format::{ExportFormat, Part},
    rows::Rows,
    stopped::{Stopped, patiently},
};
use crate::{
    db::{Context, Cost, Db, Snapshot},
    error::Error,
    http::{admitted::Admitted, places::Place},
    journal::Knowledge,
};

/// How often a sender that waits for its client looks whether the server is to end.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// About how large a part is; one row may be larger.
const PART: usize = 256 * 1024;

/// The most rows of a part, and how many the first has, of which nobody knows how large they are.
const MOST_ROWS: usize = 1000;
const FIRST_ROWS: usize = 50;

/// What comes through the channel. Where it closes before the end, the export is cut off.
enum Piece {
    Part(Bytes),
    End,
}

/// The body of an export.
pub(super) struct Body {
    pieces: mpsc::Receiver<Piece>,
    has_ended: bool,
}

impl Body {
    /// Nothing, for whom the headers are enough.
    pub(super) fn ended() -> Self {
        Self { pieces: mpsc::channel(1).1, has_ended: true }
    }
}

/// Why the connection is given up in the middle of an answer.
#[derive(Debug, thiserror::Error)]
#[error("an export was cut off")]
struct CutOff;

impl MessageBody for Body {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let body = self.get_mut();
        if body.has_ended {
            return Poll::Ready(None);
        }
        body.pieces.poll_recv(waker).map(|piece| match piece {
            Some(Piece::Part(bytes)) => Some(Ok(bytes)),
            Some(Piece::End) => {
                body.has_ended = true;
                None
            }
            None => Some(Err(CutOff.into())),
        })
    }
}

/// An export on its way.
pub(super) struct Sending<R> {
    pub(super) db: Db,
    pub(super) asker: Context,
    pub(super) admitted: Admitted,
    pub(super) rows: Arc<R>,
    pub(super) format: ExportFormat,
    pub(super) known: Knowledge,
    pub(super) until: Instant,
    pub(super) taken_within: Duration,
    /// Given back when it ends, however it does.
    pub(super) _place: Place,
}

impl<R: Rows> Sending<R> {
    /// Begins to read, and gives the body through which it comes.
    pub(super) fn start(self) -> Body {
        let (sender, pieces) = mpsc::channel(1);
        actix_web::rt::spawn(async move {
            let request_id = self.asker.request_id.clone();
            match self.send(&sender).await {
                Ok(()) => {}
                Err(Stopped::Left) => log::info!("the client of an export left request_id={request_id}"),
                Err(Stopped::Passing(failure) | Stopped::Failed(failure)) => {
                    log::error!("an export was cut off: {failure} request_id={request_id}");
                }
            }
        });
        Body { pieces, has_ended: false }
    }

    async fn send(&self, sender: &mpsc::Sender<Piece>) -> Result<(), Stopped> {
        let (mut next, mut most) = (0_usize, FIRST_ROWS);
        loop {
            let end = next.saturating_add(most).min(self.rows.count());
            let until = self.until.min(Instant::now() + self.taken_within);
            // Others, who can't wait, go first.
            let part = patiently(until, || self.read(sender, next..end)).await?;
            let size = part.len();
            self.hand_over(sender, Piece::Part(part.into())).await?;
            if end == self.rows.count() {
                return self.hand_over(sender, Piece::End).await;
            }
            // As many as would have filled a part, had they been as large as these.
            let read = end.saturating_sub(next);
            let fitting = read.saturating_mul(PART).checked_div(size).unwrap_or(MOST_ROWS);
            (next, most) = (end, fitting.clamp(1, MOST_ROWS));
        }
    }

    /// Reads some rows. What they show must have been noted when they were found: the log of reads knew of it before the first
    /// byte was sent.
    async fn read(&self, sender: &mpsc::Sender<Piece>, range: Range<usize>) -> Result<Vec<u8>, Stopped> {
        self.goes_on(sender)?;
        let asker = self.admitted.0.renewed().await.map_err(|refusal| Stopped::by_refusal(&refusal))?;
        if asker.sight < self.asker.sight {
            return Err(Stopped::Failed("who asked for it sees less now".into()));
        }
        let asker = Context { sight: self.asker.sight, ..asker };
        let (rows, format, known) = (Arc::clone(&self.rows), self.format, self.known);
        let noted = (self.asker.evidence.clone(), asker.evidence.clone());
        let read = move |snapshot: &mut Snapshot<'_>| {
            let mut part = Part::new(format);
            if range.start == 0 {
                part.begin(R::COLUMNS)?;
            }
            // Others may have recorded something meanwhile.
            let head = snapshot.head()?.seq;
            if head < known.seq {
                return Err(Error::internal(format!(
                    "the journal ends at {head} now: the database lost entries"
                )));
            }
            let known = Knowledge { is_head: head == known.seq, ..known };
            rows.write(snapshot, (range, known), &mut part)?;
            Ok(part.into_bytes())
        };
        let part = self.db.read(asker, Cost::Scan, read).await?;
        if noted.0.covers(&noted.1) {
            Ok(part)
        } else {
            Err(Stopped::Failed("a record in it became restricted while it was sent".into()))
        }
    }

    async fn hand_over(&self, sender: &mpsc::Sender<Piece>, piece: Piece) -> Result<(), Stopped> {
        let last = self.until.min(Instant::now() + self.taken_within);
        loop {
            self.goes_on(sender)?;
            let left = last.saturating_duration_since(Instant::now());
            match timeout(left.min(LOOK_EVERY), sender.reserve()).await {
                Ok(Ok(place)) => {
                    place.send(piece);
                    return Ok(());
                }
                Ok(Err(_)) => return Err(Stopped::Left),
                Err(_) if left.is_zero() => {
                    return Err(Stopped::Failed("its client took too long to read it".into()));
                }
                Err(_) => {}
            }
        }
    }

    /// Whether there is still somebody to send it, and somebody to send it to.
    fn goes_on(&self, sender: &mpsc::Sender<Piece>) -> Result<(), Stopped> {
        if self.db.heads().is_over() {
            return Err(Stopped::Failed("the server ends".into()));
        }
        if sender.is_closed() { Err(Stopped::Left) } else { Ok(()) }
    }
}
