//! Attacks on the running server, with what it answered: nothing is shown or recorded that should not be, nothing is a fault
//! of the server, and it goes on serving.

mod bodies;
mod browsers;
mod framing;
mod limits;
mod log;
mod paths;
mod rebinding;

use crate::{
    bad_input::{raw, status},
    support::Client,
};

/// What was tried and what came of it, for the table that a test prints.
pub struct Tried<'a> {
    client: &'a Client,
    lines: Vec<String>,
    wrong: Vec<String>,
}

impl<'a> Tried<'a> {
    pub fn on(client: &'a Client) -> Self {
        Self { client, lines: Vec::new(), wrong: Vec::new() }
    }

    /// Sends bytes. The one answer must have one of these statuses; 0: the connection was closed without one.
    pub fn bytes(&mut self, attack: &str, sent: &[u8], wanted: &[u16]) -> String {
        let answer = raw(self.client, sent);
        let statuses: Vec<u16> =
            answer.match_indices("HTTP/1.1 ").map(|(at, _)| status(&answer[at..])).collect();
        let statuses = if statuses.is_empty() { vec![0] } else { statuses };
        let shown: Vec<String> = statuses.iter().map(ToString::to_string).collect();
        let fits = matches!(statuses[..], [only] if wanted.contains(&only));
        self.note(attack, &shown.join(" then "), fits, wanted);
        answer
    }

    /// Notes an answer that was got in another way.
    pub fn note(&mut self, attack: &str, answer: &str, fits: bool, wanted: &[u16]) {
        self.lines.push(format!("{attack} → {answer}"));
        if !fits {
            self.wrong.push(format!("{attack} → {answer}, not one of {wanted:?}"));
        }
    }

    /// Prints the table. Fails where an answer was another, or where the server no longer serves.
    pub fn done(self) {
        for line in &self.lines {
            println!("{line}");
        }
        println!("{} attacks", self.lines.len());
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        self.client.get("/readyz").expect(200);
    }
}
