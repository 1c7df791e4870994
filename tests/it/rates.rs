//! How often somebody may ask: a credential, an address, and whoever fails to sign in.

use std::{sync::Arc, time::Duration};

use risk_registry::{
    access::{RateLimit, Rates, Role},
    http::client::TrustedProxies,
    server::Settings,
};
use tempfile::TempDir;

use super::support::{
    Answer, App, Client, office,
    process::{Served, program},
};

/// Limits of a test's own. Those that are to be reached are by the hour, so that no machine is too slow to reach them.
fn limits(settings: &mut Settings, credential: &str, address: &str) {
    let read = |text: &str| RateLimit::parse(text).unwrap();
    let each = Duration::from_secs(3600);
    settings.rates = Arc::new(Rates::with_pace(read(credential), read(address), each));
}

/// The number after some letters of a header.
#[track_caller]
fn number(answer: &Answer, header: &str, letters: &str) -> u32 {
    let value = answer.header(header).unwrap_or_else(|| panic!("no {header}: {answer:?}"));
    let (_, rest) = value.split_once(letters).unwrap_or_else(|| panic!("no {letters}: {value}"));
    rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

/// Asks until it is refused, at most so often; gives how often it was answered, and the refusal.
fn until_refused(client: &Client, most: usize) -> (usize, Option<Answer>) {
    for answered in 0..most {
        let answer = client.get("/v1/regimes?limit=1");
        if answer.status == 429 {
            return (answered, Some(answer));
        }
        answer.expect(200);
    }
    (most, None)
}

#[test]
fn a_credential_that_asks_too_often_is_told_when_to_come_back_and_others_go_on() {
    let app = App::adjusted(true, |settings| limits(settings, "6/h,burst=5", "off"));
    let person = |actor: &str| {
        let (_, token) = office::key(&app.db, actor, Role::Viewer, None);
        app.client.showing(token.reveal())
    };
    let (eager, other) = (person("eager"), person("other"));
    let first = eager.get("/v1/regimes?limit=1").expect(200);
    assert_eq!(first.header("ratelimit-policy"), Some("\"credential\";q=5;w=3000"));
    assert!(first.header("ratelimit").unwrap().starts_with("\"credential\";r=4;t="), "{first:?}");
    assert!((1..=600).contains(&number(&first, "ratelimit", ";t=")), "{first:?}");
    let (answered, refusal) = until_refused(&eager, 20);
    assert_eq!(answered, 4);
    let refusal = refusal.expect("no limit").expect_problem(429, "too_many_requests");
    assert!((1..=600).contains(&number(&refusal, "retry-after", "")), "{refusal:?}");
    assert_eq!(number(&refusal, "ratelimit", "\"credential\";r="), 0, "{refusal:?}");
    assert!((601..=3000).contains(&number(&refusal, "ratelimit", ";t=")), "{refusal:?}");
    assert_eq!(refusal.header("cache-control"), Some("no-store"));
    other.get("/v1/regimes?limit=1").expect(200);
    for unlimited in ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs/"] {
        for _ in 0..10 {
            let answer = app.client.get(unlimited);
            assert_eq!((answer.status, answer.header("ratelimit")), (200, None), "{unlimited}");
        }
    }
}

#[test]
fn who_waits_for_as_long_as_was_said_is_answered() {
    let app = App::adjusted(true, |settings| limits(settings, "20/m,burst=1", "off"));
    let (_, token) = office::key(&app.db, "eager", Role::Viewer, None);
    let eager = app.client.showing(token.reveal());
    // A machine so slow that it never asks twice within three seconds would not be refused.
    let (_, refusal) = until_refused(&eager, 100);
    let seconds = number(&refusal.expect("no limit"), "retry-after", "");
    assert!((1..=3).contains(&seconds), "{seconds}");
    std::thread::sleep(Duration::from_secs(seconds.into()));
    eager.get("/v1/regimes?limit=1").expect(200);
}

#[test]
fn an_address_is_limited_before_anybody_is_looked_up() {
    let app = App::adjusted(true, |settings| limits(settings, "100/s", "1/h,burst=5"));
    for _ in 0..5 {
        let answer = app.client.get("/v1/vendors").expect_problem(401, "unauthenticated");
        assert!(answer.header("ratelimit").unwrap().starts_with("\"address\";r="), "{answer:?}");
    }
    app.client.get("/v1/vendors").expect_problem(429, "too_many_requests");
    let (_, token) = office::key(&app.db, "vera.viewer", Role::Viewer, None);
    app.client.showing(token.reveal()).get("/v1/vendors").expect_problem(429, "too_many_requests");
    app.client.get("/healthz").expect(200);
    app.client.get("/readyz").expect(200);
}

#[test]
fn every_operation_says_what_is_left() {
    let app = App::adjusted(false, |settings| limits(settings, "100000/s", "100000/s"));
    let mut seen = 0;
    for operation in crate::conventions::document::Operation::all() {
        let path = operation.path.replace("{id}", crate::conventions::calls::NOWHERE);
        let path = path.replace("{reason_id}", crate::conventions::calls::NOWHERE).replace("{seq}", "1");
        let answer = app.client.send(&operation.method, &path, &[], None);
        let told = answer.header("ratelimit-policy").is_some() && answer.header("ratelimit").is_some();
        assert_eq!(told, operation.is_versioned(), "{}: {answer:?}", operation.id);
        seen += 1;
    }
    println!("{seen} operations");
}

#[test]
fn an_address_that_fails_to_sign_in_must_wait_and_who_signed_in_before_need_not() {
    let app = App::adjusted(true, |settings| limits(settings, "1000/s", "off"));
    let (_, token) = office::key(&app.db, "vera.viewer", Role::Viewer, None);
    let (_, late) = office::key(&app.db, "late.viewer", Role::Viewer, None);
    let known = app.client.showing(token.reveal());
    known.get("/v1/vendors").expect(200);
    let guess = app.client.showing("rr_live_0123456789abcdefABCDEF_guess");
    for _ in 0..10 {
        guess.get("/v1/vendors").expect_problem(401, "unauthenticated");
    }
    let refusal = guess.get("/v1/vendors").expect_problem(429, "too_many_requests");
    assert!((1..=3600).contains(&number(&refusal, "retry-after", "")), "{refusal:?}");
    let held = app.client.showing(late.reveal()).get("/v1/vendors");
    assert_eq!(held.status, 429, "what never signed in is not looked up: {held:?}");
    known.get("/v1/vendors").expect(200);
    app.client.get("/v1/vendors").expect_problem(401, "unauthenticated");
    app.client.get("/healthz").expect(200);
}

#[test]
fn what_nobody_shows_is_no_failed_sign_in() {
    let app = App::adjusted(true, |settings| limits(settings, "1000/s", "off"));
    for _ in 0..30 {
        app.client.get("/v1/vendors").expect_problem(401, "unauthenticated");
    }
}

#[test]
fn a_claimed_address_has_limits_of_its_own_only_behind_a_trusted_proxy() {
    let ask = |app: &App, claimed: &str| {
        let answers =
            (0..12).map(|_| app.client.get_with("/v1/regimes", &[("x-forwarded-for", claimed)]).status);
        answers.filter(|status| *status == 429).count()
    };
    let nobody = App::adjusted(true, |settings| limits(settings, "1000/s", "1/h,burst=10"));
    let refused: usize =
        ["198.51.100.1", "198.51.100.2", "198.51.100.3"].iter().map(|claimed| ask(&nobody, claimed)).sum();
    assert_eq!(refused, 26, "the peer is what counts");
    let trusting = App::adjusted(true, |settings| {
        limits(settings, "1000/s", "1/h,burst=12");
        settings.surroundings.proxies =
            [TrustedProxies::parse_one("127.0.0.1").unwrap()].into_iter().collect();
    });
    for claimed in ["198.51.100.1", "203.0.113.9, 198.51.100.2", "2001:db8::1"] {
        assert_eq!(ask(&trusting, claimed), 0, "{claimed} has an allowance of its own");
    }
    assert_eq!(
        ask(&trusting, "10.0.0.1, 198.51.100.2"),
        12,
        "what the client wrote left of it makes no other"
    );
    assert_eq!(ask(&trusting, "2001:db8::2"), 12, "a host has many addresses, and one allowance");
}

#[test]
fn settings_that_can_not_be_meant_are_refused_with_what_to_write() {
    for (variable, value, complaint) in [
        ("RATE_LIMIT", "100", "like 100/s"),
        ("RATE_LIMIT", "0/s", "like 100/s"),
        ("RATE_LIMIT", "5/d", "requests a second, minute or hour"),
        ("NO_AUTH", "disabled", "--no-auth"),
        ("DEMO", "2", "--demo"),
        ("MIGRATE", "never", "--migrate"),
        ("ADDRESS_RATE_LIMIT", "on", "must be off, or"),
        ("TRUSTED_PROXIES", "proxy.example", "must be an address or a block"),
        ("TRUSTED_PROXIES", "10.0.0.1,0.0.0.0/0", "would trust everybody"),
        ("CORS_ORIGINS", "*", "list the origins"),
        ("CORS_ORIGINS", "null", "list the origins"),
        ("CORS_ORIGINS", "https://dashboard.example/", "did you mean https://dashboard.example?"),
    ] {
        let output = program(&["serve", "--database-url", "/nowhere/registry.db"])
            .env(variable, value)
            .output()
            .unwrap();
        let complained = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{variable}={value}: {complained}");
        assert!(complained.contains(complaint), "{variable}={value}: {complained}");
    }
}

#[test]
fn the_program_as_shipped_limits_rates_and_one_switch_turns_that_off() {
    let folder = TempDir::new().unwrap();
    let serve = |name: &str, rate: Option<&str>| {
        let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--database-url"]);
        command.arg(folder.path().join(name)).env_remove("RATE_LIMIT");
        if let Some(rate) = rate {
            command.env("RATE_LIMIT", rate);
        }
        Served::run(command)
    };
    let shipped = serve("shipped.db", None);
    let answer = shipped.client.get("/v1/regimes").expect(200);
    let policy = "\"address\";q=1500;w=5, \"credential\";q=500;w=5";
    assert_eq!(answer.header("ratelimit-policy"), Some(policy));
    let off = serve("off.db", Some("off"));
    assert_eq!(off.client.get("/v1/regimes").expect(200).header("ratelimit"), None);
}
