//! Server-sent events, as the HTML standard has them: an answer that goes on, one event after another, each with an id by
//! which whoever lost the connection goes on where they were.

use std::{convert::Infallible, marker::PhantomData};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    dev::Payload,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName},
    web::Bytes,
};
use futures_util::stream::{self, Stream, StreamExt};

use super::{problem, problem::Problem};
use crate::values::Seq;

/// The media type of a stream of events.
pub const EVENT_STREAM: &str = "text/event-stream";

/// What nginx and some others heed: that they must not gather an answer before they pass it on.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// One event.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    pub id: u64,
    pub name: &'a str,
    pub data: &'a str,
}

impl Event<'_> {
    /// Adds it to a part of a stream.
    pub fn write(self, part: &mut String) {
        let Self { id, name, data } = self;
        *part += &format!("id: {id}\nevent: {name}\n");
        // A line break would end the field; whoever reads puts one back between two fields.
        for line in data.split(['\n', '\r']) {
            part.push_str("data: ");
            part.push_str(line);
            part.push('\n');
        }
        part.push('\n');
    }
}

/// What a stream says that is no event: readers skip it.
#[must_use]
pub fn comment(text: &str) -> String {
    format!(": {text}\n\n")
}

/// The position that a reader had come to when it lost its stream: the header `Last-Event-ID`.
#[derive(Debug, Clone, Copy)]
pub struct LastEventId(pub Option<u64>);

impl FromRequest for LastEventId {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(last_event_id(request))
    }
}

fn last_event_id(request: &HttpRequest) -> Result<LastEventId, Problem> {
    let mut given = request.headers().get_all("last-event-id");
    let Some(value) = given.next() else { return Ok(LastEventId(None)) };
    let text = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let id = text.and_then(|text| text.parse().ok()).and_then(Seq::new);
    match (id, given.next()) {
        (Some(id), None) => Ok(LastEventId(Some(id.get()))),
        (_, Some(_)) => Err(Problem::new(&problem::MALFORMED, "the header Last-Event-ID stands twice")),
        (None, None) => {
            let detail = "Last-Event-ID must be the id of the last event that you have seen, a whole number; leave it out \
                          to begin anew";
            Err(Problem::new(&problem::MALFORMED, detail))
        }
    }
}

/// An answer that goes on until one of both ends it, and tells of records of type `T`.
pub struct EventStream<T> {
    parts: stream::LocalBoxStream<'static, Bytes>,
    records: PhantomData<T>,
}

impl<T> EventStream<T> {
    /// The parts as they come.
    pub fn of(parts: impl Stream<Item = Bytes> + 'static) -> Self {
        Self { parts: parts.boxed_local(), records: PhantomData }
    }

    /// For HEAD: what stands before the parts.
    #[must_use]
    pub fn headers_only() -> Self {
        Self::of(stream::empty())
    }
}

impl<T> Responder for EventStream<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse<BoxBody> {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, EVENT_STREAM))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((X_ACCEL_BUFFERING, "no"))
            .streaming(self.parts.map(Ok::<_, Infallible>))
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    #[test]
    fn an_event_is_fields_and_an_empty_line_and_no_break_of_its_data_ends_it() {
        let mut part = String::new();
        Event { id: 7, name: "vendor.created", data: "{\"a\":1}" }.write(&mut part);
        Event { id: 8, name: "vendor.updated", data: "{\n\"a\":2}" }.write(&mut part);
        assert_eq!(
            part,
            "id: 7\nevent: vendor.created\ndata: {\"a\":1}\n\nid: 8\nevent: vendor.updated\ndata: {\ndata: \"a\":2}\n\n"
        );
    }
}
