//! How often somebody may ask: a credential, an address, and whoever fails to sign in.

use std::sync::Arc;

use risk_registry::{
    access::{RateLimit, Rates, Role},
    http::client::TrustedProxies,
    server::Settings,
};
use tempfile::TempDir;

use super::support::{
    App, Client, office,
    process::{Served, program},
};

fn limits(settings: &mut Settings, credential: &str, address: &str) {
    let read = |text: &str| RateLimit::parse(text).unwrap();
    settings.rates = Arc::new(Rates::new(read(credential), read(address)));
}

/// Asks until it is refused, at most so often; gives how often it was answered, and the refusal.
fn until_refused(client: &Client, most: usize) -> (usize, Option<super::support::Answer>) {
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
    let app = App::adjusted(true, |settings| limits(settings, "1/s,burst=5", "off"));
    let person = |actor: &str| {
        let (_, token) = office::key(&app.db, actor, Role::Viewer, None);
        app.client.showing(token.reveal())
    };
    let (eager, other) = (person("eager"), person("other"));
    let first = eager.get("/v1/regimes?limit=1").expect(200);
    assert_eq!(first.header("ratelimit-policy"), Some("\"credential\";q=5;w=5"));
    assert_eq!(first.header("ratelimit"), Some("\"credential\";r=4;t=1"));
    let (_, refusal) = until_refused(&eager, 20);
    let refusal = refusal.expect("no limit").expect_problem(429, "too_many_requests");
    assert_eq!(refusal.header("retry-after"), Some("1"), "{refusal:?}");
    assert_eq!(refusal.header("ratelimit"), Some("\"credential\";r=0;t=5"), "{refusal:?}");
    assert_eq!(refusal.header("cache-control"), Some("no-store"));
    other.get("/v1/regimes?limit=1").expect(200);
    for unlimited in ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs/"] {
        for _ in 0..10 {
            let answer = app.client.get(unlimited);
            assert_eq!((answer.status, answer.header("ratelimit")), (200, None), "{unlimited}");
        }
    }
    std::thread::sleep(std::time::Duration::from_millis(1100));
    eager.get("/v1/regimes?limit=1").expect(200);
}

#[test]
fn an_address_is_limited_before_anybody_is_looked_up() {
    let app = App::adjusted(true, |settings| limits(settings, "100/s", "1/s,burst=5"));
    for _ in 0..5 {
        let answer = app.client.get("/v1/vendors").expect_problem(401, "unauthenticated");
        assert!(answer.header("ratelimit").unwrap().starts_with("\"address\";r="), "{answer:?}");
    }
    let refused: Vec<u16> = (0..5).map(|_| app.client.get("/v1/vendors").status).collect();
    assert!(refused.contains(&429), "{refused:?}");
    let (_, token) = office::key(&app.db, "vera.viewer", Role::Viewer, None);
    let refusal = app.client.showing(token.reveal()).get("/v1/vendors");
    assert!([200, 429].contains(&refusal.status), "{refusal:?}");
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
    let seconds: u32 = refusal.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=6).contains(&seconds), "{refusal:?}");
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
    let nobody = App::adjusted(false, |settings| limits(settings, "1000/s", "1/s,burst=10"));
    let refused: usize =
        ["198.51.100.1", "198.51.100.2", "198.51.100.3"].iter().map(|claimed| ask(&nobody, claimed)).sum();
    assert!(refused >= 20, "the peer is what counts: {refused}");
    let trusting = App::adjusted(false, |settings| {
        limits(settings, "1000/s", "1/s,burst=12");
        settings.surroundings.proxies =
            [TrustedProxies::parse_one("127.0.0.1").unwrap()].into_iter().collect();
    });
    for claimed in ["198.51.100.1", "203.0.113.9, 198.51.100.2", "2001:db8::1"] {
        assert_eq!(ask(&trusting, claimed), 0, "{claimed} has an allowance of its own");
    }
    assert!(ask(&trusting, "10.0.0.1, 198.51.100.2") > 8, "what the client wrote left of it makes no other");
    assert!(ask(&trusting, "2001:db8::2") > 8, "a host has many addresses, and one allowance");
}

#[test]
fn settings_that_can_not_be_meant_are_refused_with_what_to_write() {
    for (variable, value, complaint) in [
        ("RATE_LIMIT", "100", "like 100/s"),
        ("RATE_LIMIT", "0/s", "like 100/s"),
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
