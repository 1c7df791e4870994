//! The kinds of problem, one for each page under `/docs/problems/`, with what the page says of it. Codes that are more
//! exact than their kind are in `codes`.

/// A kind of problem.
pub struct Kind {
    /// The stable word, which is also the end of `type`.
    pub code: &'static str,
    pub status: u16,
    pub title: &'static str,
    /// What happened, and what it means.
    pub meaning: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// The detail of one such problem, as the registry words it.
    pub detail: &'static str,
}

impl Kind {
    /// The path of the page that explains it: a problem's `type`.
    #[must_use]
    pub fn page(&self) -> String {
        format!("/docs/problems/{}", self.code)
    }

    /// What it means and what to do, in one paragraph.
    #[must_use]
    pub fn help(&self) -> String {
        format!("{} {}", self.meaning, self.remedy)
    }
}

macro_rules! kinds {
    ($($name:ident: $code:literal, $status:literal, $title:literal, {
        meaning: $meaning:literal, remedy: $remedy:literal, detail: $detail:literal $(,)?
    };)+) => {
        $(
            #[doc = $title]
            pub const $name: Kind = Kind {
                code: $code, status: $status, title: $title, meaning: $meaning, remedy: $remedy, detail: $detail,
            };
        )+
        /// Every kind of problem that the registry can answer with.
        pub const KINDS: &[Kind] = &[$($name,)+];
    };
}

kinds! {
    MALFORMED: "malformed_request", 400, "The request is malformed", {
        meaning: "The body is no JSON, a key stands twice in one of its objects, or a part of the URL or a header can't be read. \
                  Nothing was looked up and nothing was recorded.",
        remedy: "Correct what `detail` names and send the request again. The same request would be refused again.",
        detail: "the body is no valid JSON: expected `,` or `}` at line 3 column 5",
    };
    INVALID_QUERY: "invalid_query", 400, "The query is malformed", {
        meaning: "A query parameter is unknown to this operation, stands more than once, is empty, or has a value that can't be \
                  read. The registry ignores no parameter: a misspelt filter would otherwise answer another question.",
        remedy: "Correct or leave out the parameter that `errors` names. Lists are given by repeating the parameter; a date is \
                 `2026-03-05`, an instant `2026-03-05T12:00:00Z`, where a `+` must be written `%2B`.",
        detail: "countri is no parameter of this operation, which takes limit, cursor, sort, country",
    };
    INVALID_CURSOR: "invalid_cursor", 400, "The cursor does not fit", {
        meaning: "A cursor goes on where a page ended, for the same list with the same filters and the same order. This one was made \
                  for another list, or was cut or changed on the way.",
        remedy: "Start again without `cursor`. To go on, send `next_cursor` as it was given, with the filters and the order of the \
                 first page.",
        detail: "the cursor was made with other filters or another order; start again without one",
    };
    UNAUTHENTICATED: "unauthenticated", 401, "Nobody has signed in", {
        meaning: "The request shows no API key and no token, or one that is not taken: mistyped, expired, revoked, or not made for \
                  this registry.",
        remedy: "Send `Authorization: Bearer` with an API key or, where single sign-on is configured, a token of the organisation's \
                 sign-on. An admin makes keys; for a token that has expired, sign in again.",
        detail: "nobody has signed in; send `Authorization: Bearer` with an API key",
    };
    FORBIDDEN: "forbidden", 403, "Your role may not do this", {
        meaning: "You are known, and you may not do this: your role does not allow it, or it is allowed to others and not to you.",
        remedy: "`detail` names who may. Ask one of them, or an admin for a key with another role; with single sign-on the \
                 organisation's claims give roles.",
        detail: "create_vendor is for analyst, approver; you are viewer",
    };
    NOT_FOUND: "not_found", 404, "There is no such thing", {
        meaning: "No record has this id, none had it at the time that was asked for, it is not for you to see, or the path does not \
                  exist. Records that were retired or voided are still found.",
        remedy: "Check the id and the path: `/docs/` lists all paths. With `known_at` or `known_seq`, ask for a later time, or leave them out.",
        detail: "there is no vendor 0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77",
    };
    METHOD_NOT_ALLOWED: "method_not_allowed", 405, "The path does not take this method", {
        meaning: "The path exists, and nothing on it answers to this method.",
        remedy: "Use one of the methods that the header `Allow` names. Records are changed with PATCH, and retired or voided with \
                 DELETE; there is no PUT.",
        detail: "/v1/vendors does not take PUT; it takes GET, HEAD, POST",
    };
    TOO_SLOW: "request_timeout", 408, "The body took too long", {
        meaning: "A body must have come within 20 seconds, and this one had not. Nothing was recorded.",
        remedy: "Send the request again, over a better connection or with a smaller body.",
        detail: "the body did not come within 20 seconds; send it again",
    };
    CONFLICT: "conflict", 409, "It contradicts what is recorded", {
        meaning: "The request is valid in itself, but what is recorded stands against it. Nothing was recorded. `code` says which \
                  case it is.",
        remedy: "`detail` names what stands against it. Settle that first, or change the request; the same request would \
                 be refused again.",
        detail: "another active vendor bears cik 1321655",
    };
    ILLEGAL_EVENT: "illegal_event", 409, "The history does not allow this event", {
        meaning: "An event must fit the states that the designation's scopes are in on its day, and every other event must still fit \
                  with it. This one does not, and was not recorded.",
        remedy: "`allowed` lists the types of event that fit that day, and `conflicting_event_id` names the event that stands against \
                 this one. Check type, `occurred_on` and `scope_ids`. To change the past, record a correction of that event first: \
                 an event whose `corrects` names it.",
        detail: "order_issued can't happen on 2026-11-01: the scope is in_force (scope 0195a3c4-7a10-7c4e-9d2b-3f6f0c5a1e77)",
    };
    STALE: "stale", 412, "The record has changed", {
        meaning: "Somebody changed the record after you read it, so the ETag in `If-Match` names a state that is no more. Nothing was \
                  recorded.",
        remedy: "Read the record again, see whether your change is still wanted, and send it with the new ETag in `If-Match`. A weak \
                 tag (`W/\"1\"`) never matches: where a proxy weakens ETags, send it without the `W/`.",
        detail: "the record is at revision 3; read it again and repeat the change",
    };
    TOO_LARGE: "too_large", 413, "The body is too large", {
        meaning: "A body may have at most 2 MiB. Nothing was recorded.",
        remedy: "Split it: record the rest with further requests, or check fewer vendors at once.",
        detail: "a body may have at most 2097152 bytes; split it",
    };
    URI_TOO_LONG: "uri_too_long", 414, "The URL is too long", {
        meaning: "A path may have 2 KiB and a query 32 KiB.",
        remedy: "Ask for less at once: fewer values of a filter, or several requests. Many vendors' standing is asked for in one body, \
                 with `POST /v1/standing-checks`.",
        detail: "a query may have at most 32768 bytes; ask for less at once",
    };
    UNSUPPORTED: "unsupported_media_type", 415, "The body's media type is not supported", {
        meaning: "The header `Content-Type` is missing or names something other than JSON, or the body is compressed.",
        remedy: "Send `Content-Type: application/json`, for PATCH `application/merge-patch+json` or `application/json`, in UTF-8 and \
                 without a `Content-Encoding`.",
        detail: "text/plain is not supported here; send application/json",
    };
    INVALID: "invalid", 422, "The request is well-formed but invalid", {
        meaning: "The request can be read, but something that it says can't be. Nothing was recorded. Each entry of `errors` has the \
                  place (`pointer`: a JSON Pointer into the body, or the name of a query parameter), a `code` and what is wrong.",
        remedy: "Correct each place as its `detail` says, and send the request again. There may be more to correct than was found \
                 at first.",
        detail: "/country must be a country code of ISO 3166-1, like US or USA",
    };
    KEY_REUSED: "idempotency_key_reused", 422, "The idempotency key was used for another request", {
        meaning: "An `Idempotency-Key` stands for one request for a day: the same actor, method, path and body. This one came with \
                  another body. Nothing was recorded by this request.",
        remedy: "Make a new key, a UUID for example, for each new request, and use it again only to repeat that very request.",
        detail: "this key was used with another body; make a new key",
    };
    PRECONDITION_REQUIRED: "precondition_required", 428, "The change needs If-Match", {
        meaning: "A change of a record must say which state of it is meant, so that nobody's change is lost. Nothing was recorded.",
        remedy: "Read the record, and send its `ETag` as it is, quotation marks included, in `If-Match`.",
        detail: "send the record's ETag in If-Match, so that nobody's change is lost",
    };
    TOO_MANY_REQUESTS: "too_many_requests", 429, "Too many requests", {
        meaning: "A key or token, an address, or sign-ins that failed have reached their limit. The request was not handled.",
        remedy: "Try again after the seconds in `Retry-After`. The headers `RateLimit-Policy` and `RateLimit` say what is allowed and \
                 what is left, so that a client can slow down before it gets here; failed sign-ins are counted apart from them.",
        detail: "this key or token sends too many requests; try again in 1 s",
    };
    INTERNAL: "internal", 500, "The registry failed", {
        meaning: "The fault is the registry's, not yours. What went wrong stands in its log, and not in the answer.",
        remedy: "Tell whoever runs the registry the `request_id`: it finds the cause in the log. Before you \
                 send a change again, read whether it is recorded, or, where it had an `Idempotency-Key`, send it with the same.",
        detail: "something went wrong inside the registry; the request id finds it in the log",
    };
    UNAVAILABLE: "unavailable", 503, "The registry can't do this now", {
        meaning: "It has too much to do at the moment, or its database can't be reached or takes no writes. Nothing was recorded.",
        remedy: "Try again after the seconds in `Retry-After`, with the same `Idempotency-Key` if there was one. If it lasts, \
                 `/readyz` says what does not work.",
        detail: "the database can't be used now; try again soon",
    };
    OUTCOME_UNKNOWN: "outcome_unknown", 503, "The registry can't say whether the change is recorded", {
        meaning: "The database was lost while it committed, or did not answer in time. The change is recorded, or it is not.",
        remedy: "If the request had an `Idempotency-Key`, send it again with the same key after the seconds in `Retry-After`: it gets \
                 the first answer if the change was recorded, and records it if not. Without a key, as with PATCH, DELETE and \
                 `POST /v1/api-keys`, read before you send it again.",
        detail: "the change may or may not be recorded; send it again with the same Idempotency-Key",
    };
    NO_ROOM: "no_room", 507, "There is no room", {
        meaning: "The disk of the database is full. Nothing was recorded; reads go on.",
        remedy: "Tell whoever runs the registry. Once there is room, send the request again.",
        detail: "the database's disk is full; nothing was recorded",
    };
}
