//! Reads what `strace -f -yy` saw of a server, and says whether what a write put into the log was on disk before its
//! answer was sent.

/// What a call did that the check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Bytes went into the write-ahead log.
    Logged,
    /// The log was on disk: an fsync of it came back.
    Synced,
    /// The answer went out.
    Answered,
}

/// How many writes into the log lay before the answer, and how many fsyncs of it ended between the last of them and the
/// answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Order {
    pub logged: usize,
    pub synced: usize,
}

/// The order in a trace of one write, whose answer has this status; or what is wrong with it.
pub fn order(trace: &str, status: &str) -> Result<Order, String> {
    let steps = steps(trace, status);
    let answered = steps.iter().position(|step| *step == Step::Answered).ok_or("there is no answer")?;
    let before = &steps[..answered];
    let last = before
        .iter()
        .rposition(|step| *step == Step::Logged)
        .ok_or("nothing was logged before the answer")?;
    let logged = before.iter().filter(|step| **step == Step::Logged).count();
    let synced = before[last..].iter().filter(|step| **step == Step::Synced).count();
    if synced == 0 {
        return Err("the answer went out before what was logged was on disk".to_owned());
    }
    Ok(Order { logged, synced })
}

/// A call counts when it begins, but for an fsync: that counts when it has ended well.
fn steps(trace: &str, status: &str) -> Vec<Step> {
    let mut syncing: Vec<&str> = Vec::new();
    let mut steps = Vec::new();
    for line in trace.lines() {
        // "1234  fdatasync(12</tmp/registry.db-wal>) = 0", or in two parts where another thread came between.
        let (thread, call) = line.split_once(' ').unwrap_or_default();
        let call = call.trim_start();
        let is_sync = call.starts_with("fdatasync(") || call.starts_with("fsync(");
        let unfinished = call.ends_with("<unfinished ...>");
        let succeeded = call.ends_with("= 0");
        if is_sync && call.contains("-wal>") {
            if unfinished {
                syncing.push(thread);
            } else if succeeded {
                steps.push(Step::Synced);
            }
        } else if call.starts_with("<... ") && call.contains("sync resumed>") {
            let waited = syncing.iter().position(|other| *other == thread);
            if let Some(at) = waited {
                syncing.remove(at);
                if succeeded {
                    steps.push(Step::Synced);
                }
            }
        } else if call.starts_with("pwrite64(") && call.contains("-wal>") {
            steps.push(Step::Logged);
        } else if ["write(", "writev(", "sendto(", "sendmsg("].iter().any(|name| call.starts_with(name))
            && call.contains("<TCP:")
            && call.contains(&format!("HTTP/1.1 {status}"))
        {
            steps.push(Step::Answered);
        }
    }
    steps
}

mod tests {
    use super::*;

    const LOGGED: &str = r#"41  pwrite64(9</tmp/r.db-wal>, "7\177"..., 4120, 32) = 4120"#;
    const SYNCED: &str = "41  fdatasync(9</tmp/r.db-wal>) = 0";
    const ANSWERED: &str = r#"40  sendto(11<TCP:[127.0.0.1:8080->127.0.0.1:40000]>, "HTTP/1.1 201 Created\r\n"..., 400, 0, NULL, 0) = 400"#;

    fn of(lines: &[&str]) -> Result<Order, String> {
        order(&lines.join("\n"), "201")
    }

    #[test]
    fn the_order_log_then_disk_then_answer_is_told_from_every_other() {
        assert_eq!(of(&[LOGGED, LOGGED, SYNCED, ANSWERED]), Ok(Order { logged: 2, synced: 1 }));
        let in_two = ["41  fdatasync(9</tmp/r.db-wal> <unfinished ...>", "41  <... fdatasync resumed>) = 0"];
        assert_eq!(of(&[LOGGED, in_two[0], in_two[1], ANSWERED]), Ok(Order { logged: 1, synced: 1 }));
        let early = "before what was logged was on disk";
        for wrong in [
            vec![LOGGED, ANSWERED, SYNCED],
            vec![LOGGED, SYNCED, LOGGED, ANSWERED],
            vec![SYNCED, LOGGED, ANSWERED],
            // Begun and not ended; failed; of another file.
            vec![LOGGED, in_two[0], ANSWERED, in_two[1]],
            vec![LOGGED, "41  fdatasync(9</tmp/r.db-wal>) = -1 EIO (Input/output error)", ANSWERED],
            vec![LOGGED, in_two[0], "41  <... fdatasync resumed>) = -1 EIO (Input/output error)", ANSWERED],
            vec![LOGGED, "41  fdatasync(8</tmp/r.db>) = 0", ANSWERED],
        ] {
            assert!(of(&wrong).is_err_and(|why| why.contains(early)), "{wrong:?}");
        }
        assert!(of(&[LOGGED, SYNCED]).is_err_and(|why| why.contains("no answer")));
        assert!(of(&[SYNCED, ANSWERED]).is_err_and(|why| why.contains("nothing was logged")));
    }
}
