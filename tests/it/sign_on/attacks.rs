//! Tokens that must let nobody in, each with the answer; and beside them good ones that differ as little as they can, for
//! a door that is always shut would pass as well.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use risk_registry::access::oidc::{Settings, Timing};
use serde_json::{Value, json};

use super::{
    READ, app, app_of,
    issuer::Issuer,
    settings,
    signer::{Signer, but, claims, encoded, message, now},
};

/// The issuer's keys, and an attacker's.
struct World {
    issuer: Issuer,
    rsa: Signer,
    other_rsa: Signer,
    ec: Signer,
    attacker: Signer,
}

impl World {
    fn new() -> Self {
        let (rsa, other_rsa, ec) = (Signer::rsa("first"), Signer::rsa("second"), Signer::ec("curve"));
        let issuer = Issuer::publishing(&[&rsa, &other_rsa, &ec]);
        Self { issuer, rsa, other_rsa, ec, attacker: Signer::rsa("attacker") }
    }

    fn claims(&self) -> Value {
        claims(&self.issuer.name())
    }

    /// A good token but for one claim.
    fn claiming(&self, name: &str, value: Value) -> String {
        self.rsa.token(&but(&self.claims(), name, value))
    }

    /// A good token but for one field of its header.
    fn headed(&self, name: &str, value: Value) -> String {
        self.rsa.sign(&but(&self.rsa.header(), name, value), &self.claims())
    }

    /// What HS256 makes of a public key that is no secret.
    fn keyed(&self, secret: &[u8]) -> String {
        let message = message(&but(&self.rsa.header(), "alg", json!("HS256")), &self.claims());
        let key = EncodingKey::from_secret(secret);
        format!("{message}.{}", crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap())
    }

    fn forged(&self) -> Vec<(&'static str, String, &'static str)> {
        let good = self.rsa.token(&self.claims());
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let (header, payload) = signed.split_once('.').unwrap();
        let admin = encoded(but(&self.claims(), "roles", json!(["admin"])).to_string().as_bytes());
        let none = |name: &str| encoded(but(&self.rsa.header(), "alg", json!(name)).to_string().as_bytes());
        let flipped = if signature.starts_with('A') { "B" } else { "A" };
        let public = self.rsa.pair.public_key_to_pem().unwrap();
        let mut posing = self.attacker.header();
        posing["kid"] = json!("first");
        let mut brought = posing.clone();
        brought["jwk"] = self.attacker.jwk();
        let mut named = self.attacker.header();
        named["jwk"] = self.attacker.jwk();
        let mut pointing = self.attacker.header();
        for field in ["jku", "x5u"] {
            pointing[field] = json!(format!("{}/attacker", self.issuer.name()));
        }
        let curved = but(&self.ec.header(), "kid", json!("curve"));
        let zeros = format!("{}.{}", message(&curved, &self.claims()), encoded(&[0; 64]));
        vec![
            ("roles changed, signature kept", format!("{header}.{admin}.{signature}"), "signature is wrong"),
            (
                "first letter of the signature",
                format!("{signed}.{flipped}{}", &signature[1..]),
                "signature is wrong",
            ),
            ("no signature", format!("{signed}."), "signature is wrong"),
            ("signature cut short", format!("{signed}.{}", &signature[..40]), "signature is wrong"),
            ("ECDSA signature of zeros", zeros, "signature is wrong"),
            (
                "another's key under our kid",
                self.attacker.sign(&posing, &self.claims()),
                "signature is wrong",
            ),
            ("another's key under its own kid", self.attacker.token(&self.claims()), "none of the issuer's"),
            (
                "own key in the header (jwk)",
                self.attacker.sign(&named, &self.claims()),
                "none of the issuer's",
            ),
            (
                "own key in the header, our kid",
                self.attacker.sign(&brought, &self.claims()),
                "signature is wrong",
            ),
            (
                "key behind a link (jku, x5u)",
                self.attacker.sign(&pointing, &self.claims()),
                "none of the issuer's",
            ),
            ("alg none", format!("{}.{payload}.", none("none")), "alg is none of"),
            ("alg None, signature kept", format!("{}.{payload}.{signature}", none("None")), "alg is none of"),
            ("alg NONE", format!("{}.{payload}.", none("NONE")), "alg is none of"),
            ("alg empty", format!("{}.{payload}.", none("")), "alg is none of"),
            ("no alg", self.headed("alg", json!(null)), "can be read"),
            ("HS256 by the public key (PEM)", self.keyed(&public), "alg is none of"),
            (
                "HS256 by the public key (DER)",
                self.keyed(&self.rsa.pair.public_key_to_der().unwrap()),
                "alg is none of",
            ),
            (
                "HS256 by the modulus",
                self.keyed(&self.rsa.pair.rsa().unwrap().n().to_vec()),
                "alg is none of",
            ),
            ("HS256 by nothing", self.keyed(b""), "alg is none of"),
            ("an algorithm that is not allowed", self.headed("alg", json!("RS512")), "alg is none of"),
            ("another algorithm than signed", self.headed("alg", json!("PS256")), "signature is wrong"),
            ("an RSA key for ES256", self.headed("alg", json!("ES256")), "is not for its alg"),
            ("an EC key for RS256", self.headed("kid", json!("curve")), "is not for its alg"),
            ("the issuer's other key", self.headed("kid", json!("second")), "signature is wrong"),
            ("no kid, several keys", self.headed("kid", json!(null)), "names no key"),
            ("kid unknown", self.headed("kid", json!("third")), "none of the issuer's"),
            ("kid empty", self.headed("kid", json!("")), "none of the issuer's"),
            ("kid a path", self.headed("kid", json!("../../../../dev/null")), "none of the issuer's"),
            ("kid an address", self.headed("kid", json!("http://169.254.169.254/")), "none of the issuer's"),
            ("kid SQL", self.headed("kid", json!("first' OR '1'='1")), "none of the issuer's"),
            (
                "kid control characters",
                self.headed("kid", json!("first\0\r\nX-Role: admin")),
                "none of the issuer's",
            ),
            (
                "kid of 10,000 characters",
                self.headed("kid", json!("k".repeat(10_000))),
                "none of the issuer's",
            ),
            ("kid no text", self.headed("kid", json!(["first"])), "can be read"),
            ("crit", self.headed("crit", json!(["exp"])), "crit"),
            ("crit empty", self.headed("crit", json!([])), "crit"),
            ("typ of a logout token", self.headed("typ", json!("logout+jwt")), "typ"),
            ("typ of a proof of possession", self.headed("typ", json!("dpop+jwt")), "typ"),
            ("typ no text", self.headed("typ", json!(1)), "can be read"),
        ]
    }

    fn claimed(&self) -> Vec<(&'static str, String, &'static str)> {
        let name = self.issuer.name();
        vec![
            ("expired a minute ago", self.claiming("exp", json!(now() - 60)), "expired"),
            ("expired long ago", self.claiming("exp", json!(1)), "expired"),
            ("exp missing", self.claiming("exp", json!(null)), "no exp"),
            ("exp a text", self.claiming("exp", json!("9999999999")), "no exp"),
            ("exp negative", self.claiming("exp", json!(-1)), "no exp"),
            ("not yet valid", self.claiming("nbf", json!(now() + 60)), "not valid yet"),
            ("nbf a text", self.claiming("nbf", json!("0")), "nbf can't be read"),
            ("issued in the future", self.claiming("iat", json!(now() + 60)), "iat lies in the future"),
            ("iat a text", self.claiming("iat", json!("0")), "iat is no number"),
            (
                "for somebody else",
                self.claiming("aud", json!("https://other.test")),
                "aud is not this registry",
            ),
            ("for several others", self.claiming("aud", json!(["a", "b"])), "aud is not this registry"),
            (
                "aud that begins like ours",
                self.claiming("aud", json!("https://registry.test/")),
                "aud is not",
            ),
            ("aud empty", self.claiming("aud", json!([])), "aud is not this registry"),
            ("aud missing", self.claiming("aud", json!(null)), "no aud"),
            ("aud no text", self.claiming("aud", json!({"a": "https://registry.test"})), "no aud"),
            ("another issuer", self.claiming("iss", json!("https://other.test")), "iss is not"),
            ("an issuer like ours", self.claiming("iss", json!(format!("{name}/"))), "iss is not"),
            (
                "several issuers, one ours",
                self.claiming("iss", json!([name, "https://other.test"])),
                "iss is not",
            ),
            ("iss missing", self.claiming("iss", json!(null)), "no iss"),
            ("no actor", self.claiming("sub", json!(null)), "sub must be a text"),
            ("actor a number", self.claiming("sub", json!(7)), "sub must be a text"),
            ("actor empty", self.claiming("sub", json!("")), "sub must have"),
            ("actor with a line break", self.claiming("sub", json!("ana\r\nactor=bob")), "sub must have"),
            ("actor with spaces around", self.claiming("sub", json!("ana ")), "sub must have"),
            ("actor of 201 characters", self.claiming("sub", json!("a".repeat(201))), "sub must have"),
        ]
    }

    fn garbled(&self) -> Vec<(&'static str, String, &'static str)> {
        let good = self.rsa.token(&self.claims());
        let big = self.claiming("groups", json!("g".repeat(13_000)));
        assert!(big.len() > 16_384 && big.len() < 20_000);
        let inner = format!("{}.{}.c2ln", encoded(b"{}"), encoded(b"{}"));
        let twice = format!("{}.e30.c2ln", encoded(br#"{"alg":"RS256","alg":"none","kid":"first"}"#));
        let deep = format!("{}.e30.c2ln", encoded("[".repeat(5000).as_bytes()));
        vec![
            ("garbage", "garbage".into(), "can be read"),
            ("dots", "..".into(), "can be read"),
            ("encrypted token of five parts", format!("{good}.{inner}"), "can be read"),
            ("header without fields", inner, "can be read"),
            ("header with alg twice", twice, "can be read"),
            ("header of 5,000 brackets", deep, "can be read"),
            ("padded Base64", good.replacen('.', "=.", 1), "can be read"),
            ("two tokens", format!("{good} {good}"), "white space"),
            ("17 KiB, signed by the issuer", big, "too long"),
            ("60 KiB", "a".repeat(60_000), "too long"),
        ]
    }
}

#[test]
fn no_forged_token_lets_anybody_in() {
    let world = World::new();
    // However long this takes: nobody may fetch keys for it twice.
    let timing = Timing { pause: Duration::from_secs(3600), ..Timing::default() };
    let app = app(Settings { timing, ..settings(&world.issuer.name()) });
    let mut rows = 0;
    println!("{:<36} {:<22} detail", "token", "answer");
    for (attack, token, why) in world.forged().into_iter().chain(world.claimed()).chain(world.garbled()) {
        for method in ["GET", "POST"] {
            let sent = app.client.showing(&token).send(method, READ, &[], None);
            let answer = sent.clone().expect_problem(401, "unauthenticated");
            let detail = answer.text_at("/detail");
            assert!(detail.contains(why), "{attack}: {detail}");
            let secret = token.rsplit('.').next().filter(|part| part.len() > 20);
            assert!(secret.is_none_or(|part| !answer.text.contains(part)), "{attack}: {detail}");
            assert!(
                !answer.text.contains("dev/null") && !answer.text.contains("X-Role"),
                "{attack}: {detail}"
            );
            if method == "GET" {
                println!("{attack:<36} {} {:<18} {detail}", answer.status, "unauthenticated");
                rows += 1;
            }
        }
    }
    let headers = ["", "Bearer", "Bearer ", "Basic YTpi", "bearer", "Token x"];
    for header in headers {
        let answer = app.client.get_with(READ, &[("authorization", header)]);
        answer.expect_problem(401, "unauthenticated");
        println!("{:<36} 401 unauthenticated", format!("Authorization: {header:?}"));
    }
    let nobody = app.client.get(READ).expect_problem(401, "unauthenticated");
    assert!(nobody.text_at("/detail").contains("an API key or a token of the sign-on"), "{nobody:?}");
    let mut stream = TcpStream::connect(app.client.address).unwrap();
    let request = format!("GET {READ} HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer ");
    stream.write_all(&[request.as_bytes(), b"\xff\xfe\r\n\r\n"].concat()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    // Of all these, what an attacker points to was never asked for; and unknown keys cost the issuer no request.
    let counts = world.issuer.counts();
    assert_eq!((counts.discovery, counts.keys, counts.others), (1, 1, 0), "{counts:?}");
    println!("{rows} tokens and {} headers refused, {counts:?}", headers.len() + 2);
}

#[test]
fn a_header_too_large_for_the_server_is_refused_before_anybody_reads_it() {
    let world = World::new();
    let app = app_of(&world.issuer);
    for length in [200_000, 2_000_000] {
        let mut stream = TcpStream::connect(app.client.address).unwrap();
        let request =
            format!("GET {READ} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n\r\n", "a".repeat(length));
        // The server may close before it has read everything.
        drop(stream.write_all(request.as_bytes()));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(["", "400", "413", "431"].contains(&status), "{length}: {answer}");
        println!("a token of {length} bytes: {:?}", answer.lines().next().unwrap_or("closed"));
    }
    app.client.showing(&world.rsa.token(&world.claims())).get(READ).expect(200);
}

#[test]
fn good_tokens_that_look_a_little_different_are_taken() {
    let world = World::new();
    let app = app_of(&world.issuer);
    let claims = world.claims();
    let taken = [
        ("RS256", world.rsa.token(&claims)),
        ("the second key", world.other_rsa.token(&claims)),
        ("ES256", world.ec.token(&claims)),
        ("ES256 without kid: there is one key for it", {
            world.ec.sign(&but(&world.ec.header(), "kid", json!(null)), &claims)
        }),
        ("expired within the leeway", world.claiming("exp", json!(now() - 15))),
        ("valid within the leeway", world.claiming("nbf", json!(now() + 15))),
        ("issued within the leeway", world.claiming("iat", json!(now() + 15))),
        (
            "nbf and iat left out",
            world.rsa.token(&but(&but(&claims, "iat", json!(null)), "nbf", json!(null))),
        ),
        (
            "for several, us among them",
            world.claiming("aud", json!(["https://other.test", "https://registry.test"])),
        ),
        ("typ JWT", world.headed("typ", json!("JWT"))),
        ("typ application/at+jwt", world.headed("typ", json!("application/at+jwt"))),
        ("no typ", world.headed("typ", json!(null))),
        ("a stranger's jku, our key", world.headed("jku", json!("https://attacker.test/keys"))),
    ];
    for (what, token) in &taken {
        let answer = app.client.showing(token).get(READ);
        assert_eq!(answer.status, 200, "{what}: {answer:?}");
    }
    println!("{} good tokens taken", taken.len());
}

#[test]
fn who_has_no_role_is_somebody_who_may_do_nothing() {
    let world = World::new();
    let app = app_of(&world.issuer);
    let vague = [
        json!(null),
        json!([]),
        json!(""),
        json!("Admin"),
        json!(["ADMIN", "root", "analyst "]),
        json!({"admin": true}),
        json!([["admin"]]),
        json!(true),
    ];
    for roles in &vague {
        let answer = app.client.showing(&world.claiming("roles", roles.clone())).get(READ);
        let detail = answer.expect_problem(403, "forbidden").text_at("/detail");
        assert!(detail.contains("you are no role"), "{roles}: {detail}");
    }
    let viewer = app.client.showing(&world.claiming("roles", json!(["viewer"])));
    viewer.get(READ).expect(200);
    viewer.post(READ, &json!({"legal_name": "A", "kind": "company"})).expect_problem(403, "forbidden");
    println!("{} claims without a role: 403", vague.len());
}
