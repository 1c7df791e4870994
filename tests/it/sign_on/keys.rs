//! The issuer's keys over time: rotation, storms of unknown names, an issuer that is down, and one that can't be trusted.

use std::{
    thread,
    time::{Duration, Instant},
};

use risk_registry::access::oidc::{Settings, Timing};
use serde_json::json;

use super::{
    READ, app, app_of,
    issuer::{Issuer, Mood},
    settings,
    signer::{Signer, claims},
};
use crate::support::{Answer, App, certificates::Authority};

fn seconds(tenths: u64) -> Duration {
    Duration::from_millis(100 * tenths)
}

/// With these times instead of the usual ones, for nobody waits an hour for a test.
fn timed(issuer: &Issuer, timing: Timing) -> Settings {
    Settings { timing, ..settings(&issuer.name()) }
}

/// As usual, but for a shorter pause between fetches.
fn with_pause(pause: Duration) -> Timing {
    Timing { pause, ..Timing::default() }
}

fn read(app: &App, token: &str) -> Answer {
    app.client.showing(token).get(READ)
}

/// 503 with the seconds to wait, and in words whose fault it is.
#[track_caller]
fn expect_unavailable(answer: Answer) {
    let answer = answer.expect_problem(503, "unavailable");
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=11).contains(&wait), "{answer:?}");
    assert!(answer.text_at("/detail").contains("sign-on"), "{answer:?}");
}

#[test]
fn a_new_key_is_known_after_one_fetch_and_an_old_one_is_forgotten() {
    let (old, new) = (Signer::rsa("old"), Signer::ec("new"));
    let issuer = Issuer::publishing(&[&old]);
    let app = app(timed(&issuer, with_pause(seconds(30))));
    let claims = claims(&issuer.name());
    read(&app, &old.token(&claims)).expect(200);
    let began = Instant::now();
    issuer.publish(&[&new]);
    let newer = new.token(&claims);
    let early = read(&app, &newer);
    if began.elapsed() < seconds(25) {
        early.expect_problem(401, "unauthenticated");
        assert_eq!(issuer.counts().keys, 1, "too early for another fetch");
    }
    thread::sleep(seconds(31));
    read(&app, &newer).expect(200);
    read(&app, &newer).expect(200);
    assert_eq!(issuer.counts().keys, 2);
    read(&app, &old.token(&claims)).expect_problem(401, "unauthenticated");
    assert_eq!(issuer.counts().keys, 2);
}

#[test]
fn a_storm_of_unknown_keys_is_one_fetch() {
    let key = Signer::rsa("known");
    let issuer = Issuer::publishing(&[&key]);
    let app = app(timed(&issuer, with_pause(seconds(20))));
    let claims = claims(&issuer.name());
    let good = key.token(&claims);
    read(&app, &good).expect(200);
    thread::sleep(seconds(21));
    issuer.is(Mood::Slow(seconds(4)));
    let tokens: Vec<_> = (0..120)
        .map(|number| {
            let mut header = key.header();
            header["kid"] = json!(format!("invented {number}"));
            key.sign(&header, &claims)
        })
        .collect();
    let began = Instant::now();
    let server = &app;
    thread::scope(|scope| {
        for some in tokens.chunks(5) {
            scope.spawn(move || {
                for token in some {
                    read(server, token).expect_problem(401, "unauthenticated");
                }
            });
        }
        // Whoever has a known key does not wait for any of it.
        scope.spawn(|| {
            for _ in 0..5 {
                read(&app, &good).expect(200);
            }
        });
    });
    let (took, counts) = (began.elapsed(), issuer.counts());
    // One for the start, one for the storm, and one for each pause that it lasted.
    let allowed = 2 + usize::try_from(took.as_secs() / 2).unwrap();
    assert!((2..=allowed).contains(&counts.keys) && counts.discovery == counts.keys, "{took:?}: {counts:?}");
    println!("{} unknown keys in {took:?}: {counts:?}, the first of each for the start", tokens.len());
}

#[test]
fn many_at_once_wait_for_the_one_first_fetch() {
    let key = Signer::rsa("known");
    let issuer = Issuer::publishing(&[&key]);
    issuer.is(Mood::Slow(seconds(5)));
    let app = app_of(&issuer);
    let token = key.token(&claims(&issuer.name()));
    thread::scope(|scope| {
        for _ in 0..30 {
            scope.spawn(|| read(&app, &token).expect(200));
        }
    });
    assert_eq!((issuer.counts().discovery, issuer.counts().keys), (1, 1));
}

#[test]
fn keys_go_on_being_used_while_the_issuer_is_down_and_not_for_ever() {
    let (known, new) = (Signer::rsa("known"), Signer::rsa("new"));
    let issuer = Issuer::publishing(&[&known]);
    let timing = Timing { fresh: seconds(5), usable: seconds(150), pause: seconds(10) };
    let app = app(timed(&issuer, timing));
    let claims = claims(&issuer.name());
    let (token, newer) = (known.token(&claims), new.token(&claims));
    read(&app, &token).expect(200);
    let began = Instant::now();
    issuer.publish(&[&known, &new]);
    issuer.is(Mood::Down);
    thread::sleep(seconds(15));
    // Stale: they are asked for again, in vain, and go on being used.
    read(&app, &token).expect(200);
    thread::sleep(seconds(3));
    assert!(issuer.counts().discovery > 1, "{:?}", issuer.counts());
    read(&app, &token).expect(200);
    // Whether the issuer has this key nobody can say now.
    expect_unavailable(read(&app, &newer));
    thread::sleep(seconds(155).saturating_sub(began.elapsed()));
    expect_unavailable(read(&app, &token));
    issuer.is(Mood::Good);
    thread::sleep(seconds(11));
    read(&app, &token).expect(200);
    read(&app, &newer).expect(200);
}

#[test]
fn without_any_keys_nobody_is_refused_for_good() {
    let key = Signer::rsa("known");
    let issuer = Issuer::publishing(&[&key]);
    issuer.is(Mood::Down);
    let app = app(timed(&issuer, with_pause(seconds(10))));
    let token = key.token(&claims(&issuer.name()));
    for _ in 0..3 {
        expect_unavailable(read(&app, &token));
    }
    assert_eq!(issuer.counts().discovery, 1, "one attempt, and then a pause");
    // What no key could make good is refused all the same.
    read(&app, "garbage").expect_problem(401, "unauthenticated");
    app.client.get("/healthz").expect(200);
    issuer.is(Mood::Good);
    thread::sleep(seconds(11));
    read(&app, &token).expect(200);
}

#[test]
fn an_issuer_that_says_what_it_must_not_is_not_believed() {
    let key = Signer::rsa("known");
    let elsewhere = Issuer::publishing(&[&key]);
    let redirect = |status: &str| {
        Mood::Odd(format!("{status}\r\nlocation: {}/.well-known/openid-configuration", elsewhere.name()), 0)
    };
    let published = |change: &dyn Fn(&Issuer)| {
        let issuer = Issuer::publishing(&[&key]);
        change(&issuer);
        issuer
    };
    let issuers = [
        (
            "another issuer in discovery",
            published(&|issuer| issuer.says("issuer", json!("https://other.test"))),
        ),
        ("a slash more in discovery", published(&|i| i.says("issuer", json!(format!("{}/", i.name()))))),
        ("issuer no text", published(&|issuer| issuer.says("issuer", json!(1)))),
        ("keys over http", published(&|issuer| issuer.says("jwks_uri", json!("http://keys.test/keys")))),
        ("keys in a file", published(&|issuer| issuer.says("jwks_uri", json!("file:///etc/passwd")))),
        ("keys nowhere", published(&|issuer| issuer.says("jwks_uri", json!(null)))),
        (
            "no key for signatures",
            published(&|i| i.publish_raw(json!({"keys": [{"kty": "oct", "k": "AAAA"}]}))),
        ),
        ("no key set", published(&|issuer| issuer.publish_raw(json!([key.jwk()])))),
        ("redirect 302", published(&|issuer| issuer.is(redirect("302 Found")))),
        ("redirect 308", published(&|issuer| issuer.is(redirect("308 Permanent Redirect")))),
        ("status 500", published(&|issuer| issuer.is(Mood::Odd("500 Internal Server Error".into(), 10)))),
        ("an empty answer", published(&|issuer| issuer.is(Mood::Odd("200 OK".into(), 0)))),
        ("a megabyte", published(&|issuer| issuer.is(Mood::Odd("200 OK".into(), 1_000_000)))),
        ("an answer in eight seconds", published(&|issuer| issuer.is(Mood::Slow(seconds(80))))),
        ("a certificate of a stranger", Issuer::vouched_for(&Authority::new("A stranger"), &[&key])),
    ];
    for (what, issuer) in &issuers {
        let app = app_of(issuer);
        let began = Instant::now();
        expect_unavailable(read(&app, &key.token(&claims(&issuer.name()))));
        assert!(began.elapsed() < seconds(70), "{what}: {:?}", began.elapsed());
        println!("{what}: 503 after {:?}", began.elapsed());
    }
    assert_eq!(elsewhere.counts().discovery, 0, "a redirect was followed");
}
