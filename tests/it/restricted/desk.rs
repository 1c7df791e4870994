//! Two people who record together, as the product asks for unless told otherwise: one proposes, the other confirms or
//! rejects. What they say to each other has `hush` in it, as no viewer reads reviews.

use serde_json::{Value, json};

use crate::support::{
    Answer, Client,
    samples::{encoded, event, reason},
};

/// Who proposes, and who decides.
pub struct Desk {
    pub analyst: Client,
    pub approver: Client,
}

/// The path of a designation, and what follows.
pub fn path(id: &str, more: &str) -> String {
    format!("/v1/designations/{id}{more}")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[track_caller]
fn decide(client: &Client, proposed: &Answer, decision: &str) -> Value {
    assert_eq!(proposed.status, 202, "{proposed:?}");
    let path = format!("/v1/reviews/{}/{decision}", proposed.id());
    client.post(&path, &json!({ "comment": "Hush: between us" })).expect(200).json()
}

impl Desk {
    /// Confirms what was proposed: the review after it.
    #[track_caller]
    pub fn confirmed(&self, proposed: &Answer) -> Value {
        decide(&self.approver, proposed, "confirm")
    }

    /// The id of a new designation.
    #[track_caller]
    pub fn create(&self, body: &Value) -> String {
        text(&self.confirmed(&self.analyst.post("/v1/designations", body))["designation_id"])
    }

    /// The ids of designations that are proposed only: of one that waits, and of one that was rejected.
    #[track_caller]
    pub fn proposed(&self, body: &Value) -> [String; 2] {
        let propose = || self.analyst.post("/v1/designations", body).expect(202);
        let rejected = decide(&self.approver, &propose(), "reject");
        [text(&propose().json()["designation_id"]), text(&rejected["designation_id"])]
    }

    #[track_caller]
    pub fn event(&self, id: &str, event: &Value) {
        self.confirmed(&self.analyst.post(&path(id, "/events"), event));
    }

    #[track_caller]
    pub fn void(&self, id: &str, comment: &str) {
        self.confirmed(&self.delete(id, &format!("?comment={}", encoded(comment))));
    }

    /// The id of a new reason.
    #[track_caller]
    pub fn add_reason(&self, id: &str, reason: &Value) -> String {
        let review = self.confirmed(&self.analyst.post(&path(id, "/reasons"), reason));
        text(&review["proposal"]["reason"]["id"])
    }

    #[track_caller]
    pub fn change_reason(&self, id: &str, reason: &str, patch: &Value) {
        let of_reason = path(id, &format!("/reasons/{reason}"));
        self.confirmed(&self.analyst.patch(&of_reason, &self.etag(id), patch));
    }

    #[track_caller]
    pub fn remove_reason(&self, id: &str, reason: &str) {
        self.confirmed(&self.delete(id, &format!("/reasons/{reason}")));
    }

    /// Every change that one can propose of a designation, three times: one is rejected, one is withdrawn, one waits.
    #[track_caller]
    pub fn undecided(&self, id: &str) {
        let record = self.analyst.get(&path(id, "")).expect(200).json();
        let first = text(&record["reasons"][0]["id"]);
        let of_reason = format!("/reasons/{first}");
        let mut noted = event("noted", "2026-05-01", &json!({}));
        noted["note"] = json!("Hush: perhaps");
        let mut added = reason();
        added["statement"] = json!("Hush: perhaps");
        let changed = json!({ "statement": "Hush: another" });
        let propose = || {
            let mut proposed = vec![
                self.analyst.post(&path(id, "/events"), &noted),
                self.analyst.post(&path(id, "/reasons"), &added),
                self.analyst.patch(&path(id, &of_reason), &self.etag(id), &changed),
                self.delete(id, "?comment=Hush"),
            ];
            // The last reason stays.
            if record["reasons"][1].is_object() {
                proposed.push(self.delete(id, &of_reason));
            }
            proposed
        };
        propose().iter().for_each(|proposed| drop(decide(&self.approver, proposed, "reject")));
        propose().iter().for_each(|proposed| drop(decide(&self.analyst, proposed, "reject")));
        propose().iter().for_each(|proposed| assert_eq!(proposed.status, 202, "{proposed:?}"));
    }

    fn etag(&self, id: &str) -> String {
        self.analyst.get(&path(id, "")).expect(200).etag()
    }

    fn delete(&self, id: &str, more: &str) -> Answer {
        self.analyst.delete(&path(id, more), &self.etag(id))
    }
}
