//! A registry that two copies share, and what an analyst adds to one of them that no viewer may notice. Every text of what
//! is hidden has `hush` in it.

use serde_json::{Value, json};

use super::desk::{Desk, path};
use crate::support::{
    Database,
    samples::{details, event, order, reason, source},
    sql,
    sql::Raw,
};

/// What both registries have.
pub struct World {
    pub vendors: Vec<String>,
    pub authorities: Vec<String>,
    pub regimes: Vec<String>,
    /// Seen by a viewer.
    pub designations: Vec<String>,
    /// Restricted already.
    pub restricted: Vec<String>,
    pub head: u64,
}

/// What one of them has besides.
pub struct Hidden {
    /// Of those that are as good as the same, one.
    pub designations: Vec<String>,
    /// Ids of designations that are only proposed, or that were rejected.
    pub proposed: Vec<String>,
    /// All designations and reviews that were recorded.
    pub recorded: Vec<String>,
}

/// The scopes of an order.
fn scopes(environment: &str, action: &str) -> Value {
    json!([{ "environments": [environment], "actions": [action] }])
}

/// Someone who records, with what a designation refers to.
struct Recorder<'c> {
    desk: &'c Desk,
    regimes: Vec<String>,
    authorities: Vec<String>,
    recorded: usize,
}

impl Recorder<'_> {
    fn body(&mut self, title: &str, first: &Value) -> Value {
        self.recorded += 1;
        json!({
            "regime_id": self.regimes[self.recorded % self.regimes.len()],
            "authority_id": self.authorities[self.recorded % self.authorities.len()],
            "title": title, "instrument": "determination", "origin": "official", "basis_disclosure": "public",
            "reasons": [reason()], "event": first,
        })
    }

    fn record(&self, body: &Value) -> String {
        self.desk.create(body)
    }

    /// One of a vendor.
    fn of(&mut self, vendor: &str, title: &str, first: &Value) -> String {
        let mut body = self.body(title, first);
        body["vendor_id"] = json!(vendor);
        self.record(&body)
    }

    fn patch(&self, id: &str, patch: &Value) {
        self.desk.analyst.change(&format!("/v1/designations/{id}"), patch);
    }
}

/// Records what both have.
pub fn shared(desk: &Desk) -> World {
    let client = &desk.analyst;
    let vendors: Vec<String> = ["Amber Works", "Birch Systems", "Cedar Cloud", "Dune Labs"]
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let body = json!({
                "legal_name": name, "kind": "company", "country": "US", "roles": ["supplier"], "tags": ["t1"],
                "identifiers": [{ "scheme": "cik", "value": (100 + number).to_string() }],
            });
            client.post("/v1/vendors", &body).expect(201).id()
        })
        .collect();
    let authorities: Vec<String> =
        ["Agency of Works", "Council"].iter().map(|name| client.authority(name, "government")).collect();
    let regimes: Vec<String> = ["prohibited", "restricted", "advisory"]
        .iter()
        .map(|effect| client.regime(&format!("by-{effect}"), effect))
        .collect();
    let mut recorder = Recorder { desk, regimes, authorities, recorded: 0 };
    let r = &mut recorder;
    let mut designations = vec![
        r.of(&vendors[0], "Order on amber", &order("2026-01-10", &scopes("secret", "procure"))),
        r.of(
            &vendors[0],
            "Notice to amber",
            &event("notice_issued", "2026-02-01", &json!({ "scopes": [{}] })),
        ),
        r.of(&vendors[1], "Order on birch", &order("2026-02-03", &scopes("cui", "use"))),
        r.of(&vendors[1], "Birch again", &order("2026-02-04", &scopes("cui", "use"))),
    ];
    let mut category = r.body("Routers", &order("2026-01-05", &json!([{}])));
    category["category"] = json!("Routers produced abroad");
    designations.push(r.record(&category));
    let mut linked = r.body("Linked to amber", &order("2026-03-01", &scopes("sci", "invest")));
    linked["vendor_id"] = json!(vendors[2]);
    linked["links"] = json!([{ "kind": "derived_from", "designation_id": designations[0] }]);
    designations.push(r.record(&linked));
    let court = r.authorities[1].clone();
    desk.event(&designations[2], &event("stayed", "2026-03-01", &details("stayed", &court, "")));
    desk.event(
        &designations[0],
        &event("review_affirmed", "2026-03-02", &json!({ "next_review_on": "2026-06-01" })),
    );
    desk.event(
        &designations[3],
        &event("superseded", "2026-03-05", &json!({ "successor_id": designations[2] })),
    );
    let mut other = reason();
    other["code"] = json!("sanctions");
    desk.add_reason(&designations[0], &other);
    let voided = r.of(&vendors[0], "A mistake", &order("2026-02-09", &json!([{}])));
    desk.void(&voided, "Recorded twice");
    designations.push(voided);
    // Public at first, then restricted: gone, with its past.
    let gone = r.of(&vendors[1], "Hush: was public", &order("2026-02-10", &scopes("sci", "export")));
    r.patch(&gone, &json!({ "visibility": "restricted" }));
    // Restricted at first, then public: seen from then on.
    let mut body = r.body("Hush: not yet public", &order("2026-02-11", &scopes("secret", "use")));
    body["vendor_id"] = json!(vendors[2]);
    body["visibility"] = json!("restricted");
    let published = r.record(&body);
    let mut secret = reason();
    secret["statement"] = json!("Hush: a reason of then");
    let secret = desk.add_reason(&published, &secret);
    desk.remove_reason(&published, &secret);
    let later = client.post(&path(&published, "/events"), &event("noted", "2026-02-12", &json!({})));
    r.patch(&published, &json!({ "visibility": "public", "title": "Published" }));
    // Proposed in secret, confirmed in public.
    desk.confirmed(&later);
    r.patch(&published, &json!({ "reference": "N-1" }));
    designations.push(published);
    // Restricted for a while.
    let paused = r.of(&vendors[0], "Paused", &order("2026-02-12", &scopes("secret", "use")));
    r.patch(&paused, &json!({ "visibility": "restricted", "summary": "Hush: for a while" }));
    r.patch(&paused, &json!({ "visibility": "public", "summary": null }));
    r.patch(&paused, &json!({ "reference": "N-2" }));
    designations.push(paused);
    // Proposals that are rejected, withdrawn, or wait, in both.
    desk.undecided(&designations[0]);
    desk.undecided(&gone);
    let mut body = r.body("Hush: not yet recorded", &order("2026-02-13", &scopes("secret", "use")));
    body["vendor_id"] = json!(vendors[3]);
    desk.proposed(&body);
    let Recorder { authorities, regimes, .. } = recorder;
    World { vendors, authorities, regimes, designations, restricted: vec![gone], head: client.head() }
}

/// Adds what a viewer must not notice.
pub fn hide(desk: &Desk, world: &World) -> Hidden {
    let client = &desk.analyst;
    let before = client.head();
    let (regimes, authorities) = (world.regimes.clone(), world.authorities.clone());
    let mut recorder = Recorder { desk, regimes, authorities, recorded: 0 };
    let r = &mut recorder;
    let mut hidden = Vec::new();
    let mut add = |r: &mut Recorder<'_>, vendor: Option<&str>, title: &str, first: &Value, more: Value| {
        let mut body = r.body(&format!("Hush: {title}"), first);
        match vendor {
            Some(vendor) => body["vendor_id"] = json!(vendor),
            None => body["category"] = json!("Hush: cameras"),
        }
        body["visibility"] = json!("restricted");
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        let id = r.record(&body);
        hidden.push(id.clone());
        id
    };
    let whole = json!([{}]);
    let rare = json!({ "origin": "internal", "instrument": "internal",
                       "reasons": [{ "code": "counterfeit", "statement": "Hush", "asserted_by": "internal",
                                     "confidence": "confirmed", "status": "asserted", "sources": [] }] });
    let [amber, birch, _, dune] = world.vendors.as_slice() else { unreachable!("four vendors") };
    // The strongest of all on a vendor that has public ones, and the only one on a vendor that has none.
    let first = add(r, Some(amber), "order", &order("2026-01-02", &whole), rare.clone());
    let only = add(r, Some(dune), "only", &order("2026-01-02", &whole), rare);
    add(r, None, "category", &order("2026-01-03", &whole), json!({}));
    let links = json!([{ "kind": "implements", "designation_id": first },
                       { "kind": "derived_from", "designation_id": world.designations[0] }]);
    let linked = add(r, Some(birch), "linked", &order("2026-01-04", &whole), json!({ "links": links }));
    desk.event(&linked, &event("superseded", "2026-02-01", &json!({ "successor_id": only })));
    let mistake = add(r, Some(birch), "mistake", &order("2026-01-04", &whole), json!({}));
    desk.void(&mistake, "Hush: a slip");
    let long = add(
        r,
        Some(amber),
        "long",
        &event("proposal_recorded", "2026-01-04", &json!({ "scopes": whole })),
        json!({}),
    );
    for (kind, day) in [
        ("notice_issued", "2026-01-05"),
        ("response_received", "2026-01-15"),
        ("order_issued", "2026-01-20"),
        ("stayed", "2026-01-21"),
        ("stay_lifted", "2026-01-22"),
        ("review_affirmed", "2026-01-23"),
        ("noted", "2026-01-24"),
    ] {
        let mut event = event(kind, day, &details(kind, &world.authorities[0], ""));
        event["note"] = json!("Hush");
        event["sources"] = json!([{ "kind": "press", "title": "Hush" }, source()]);
        desk.event(&long, &event);
    }
    let more = desk.add_reason(&long, &reason());
    desk.change_reason(&long, &more, &json!({ "statement": "Hush: changed" }));
    desk.remove_reason(&long, &more);
    // Public for a moment that no viewer saw.
    let briefly = add(
        r,
        Some(amber),
        "briefly public",
        &order("2026-01-06", &whole),
        json!({ "visibility": "public" }),
    );
    r.patch(&briefly, &json!({ "visibility": "restricted" }));
    // One that both have goes on in secret.
    r.patch(&world.restricted[0], &json!({ "summary": "Hush: still here" }));
    desk.event(&world.restricted[0], &event("noted", "2026-03-01", &json!({})));
    // More than a page of them, before, between and after what is public in every order.
    for number in 0..60 {
        let title = format!("{} {number}", if number % 2 == 0 { "a" } else { "z" });
        let day = format!("2026-{:02}-{:02}", 1 + number % 9, 1 + number % 27);
        let vendor = [amber, birch][number % 2];
        add(
            r,
            Some(vendor),
            &title,
            &order(&day, &scopes("sci", "invest")),
            json!({ "title": format!("{title} hush") }),
        );
    }
    // What waits or was rejected, of hidden ones and of public ones; and designations that are only proposed.
    for id in [&first, &long, &world.restricted[0], &world.designations[0], &world.designations[5]] {
        desk.undecided(id);
    }
    let mut proposed = Vec::new();
    for (visibility, vendor) in [("restricted", dune), ("public", dune), ("public", amber)] {
        let mut body = r.body("Hush: proposed", &order("2026-01-07", &whole));
        body["vendor_id"] = json!(vendor);
        body["visibility"] = json!(visibility);
        proposed.extend(desk.proposed(&body));
    }
    let designations = hidden.iter().take(9).chain(&world.restricted).cloned().collect();
    let reviews = client.all(&format!("/v1/journal?subject_kind=review&after={before}&limit=500"));
    let proposals = reviews.iter().filter(|entry| entry["action"] == "review.proposed");
    hidden.extend(proposals.map(|entry| entry["subject_id"].as_str().unwrap().to_owned()));
    Hidden { designations, proposed, recorded: hidden }
}

/// Goes on with what everybody sees, after something was hidden.
pub fn go_on(desk: &Desk, world: &mut World) {
    let client = &desk.analyst;
    let (regimes, authorities) = (world.regimes.clone(), world.authorities.clone());
    let mut recorder = Recorder { desk, regimes, authorities, recorded: 0 };
    let later = recorder.of(&world.vendors[0], "Later order", &order("2026-03-07", &scopes("cui", "export")));
    let first = &world.designations[0];
    desk.event(first, &event("noted", "2026-03-08", &json!({})));
    client.change(
        &format!("/v1/designations/{first}"),
        &json!({ "reference": "N-3", "links": [{ "kind": "implements", "designation_id": later }] }),
    );
    client.change(&format!("/v1/vendors/{}", world.vendors[3]), &json!({ "tags": ["t2"] }));
    world.designations.push(later);
    world.head = client.head();
}

/// Makes a registry one in which these were never recorded, but for the gaps that they leave among the positions.
pub fn erase(database: &Database, ids: &[String]) {
    let mut connection = sql::plain(&database.target);
    let ids = format!("('{}')", ids.join("', '"));
    let guarded = ["journal", "designation_events", "review_decisions"];
    for table in guarded {
        let (trigger, of) = if table == "journal" { ("refuses", table) } else { ("refuse", table) };
        let off = database.backend.says(
            format!("DROP TRIGGER {of}_{trigger}_delete"),
            format!("ALTER TABLE {table} DISABLE TRIGGER USER"),
        );
        connection.run(&off).unwrap();
    }
    for (table, column) in [
        ("designation_periods", "designation_id"),
        ("designation_labels", "designation_id"),
        ("designation_mentions", "designation_id"),
        ("designation_authorities", "designation_id"),
        ("designation_events", "designation_id"),
        ("designation_versions", "designation_id"),
        ("designations", "id"),
        ("review_decisions", "review_id"),
        ("reviews", "id"),
        ("journal", "subject_id"),
    ] {
        connection.run(&format!("DELETE FROM {table} WHERE {column} IN {ids}")).unwrap();
    }
}
