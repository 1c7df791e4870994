//! A way to PostgreSQL that breaks at the worst moments: around a COMMIT.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Forwards connections without TLS to a server of this machine.
pub struct Proxy {
    pub address: SocketAddr,
    cuts: Arc<Cuts>,
}

/// Where a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// A statement before the COMMIT reaches nobody: nothing is committed, and who sent it knows.
    AtTheFirstInsert,
    /// The COMMIT reaches nobody: nothing is committed, but who sent it can't know.
    BeforeCommit,
    /// The COMMIT is done, and its answer reaches nobody.
    AfterCommit,
}

#[derive(Default)]
struct Cuts {
    /// How many cuts of each kind are still to be made.
    armed: [AtomicUsize; 3],
    made: [AtomicUsize; 3],
}

impl Cuts {
    fn take(&self, cut: Cut) -> bool {
        let less = |left: usize| left.checked_sub(1);
        let armed = &self.armed[cut as usize];
        let taken = armed.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok();
        self.made[cut as usize].fetch_add(usize::from(taken), Ordering::SeqCst);
        taken
    }
}

impl Proxy {
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let cuts = Arc::new(Cuts::default());
        let shared = cuts.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, cuts) = (client.unwrap(), shared.clone());
                let Ok(server) = TcpStream::connect(server) else { continue };
                // Else each small message waits for the answer to the one before.
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                thread::spawn(move || {
                    drop(forward(&client, &server, &cuts));
                    drop(client.shutdown(Shutdown::Both));
                    drop(server.shutdown(Shutdown::Both));
                });
            }
        });
        Self { address, cuts }
    }

    /// Makes one more cut of this kind at the next opportunity.
    pub fn arm(&self, cut: Cut) {
        self.cuts.armed[cut as usize].fetch_add(1, Ordering::SeqCst);
    }

    /// How many cuts of this kind were made.
    pub fn made(&self, cut: Cut) -> usize {
        self.cuts.made[cut as usize].load(Ordering::SeqCst)
    }
}

/// Forwards both ways, message by message from the client, until one of them ends or a cut is due.
fn forward(mut client: &TcpStream, server: &TcpStream, cuts: &Cuts) -> std::io::Result<()> {
    let (from_server, to_client) = (server.try_clone()?, client.try_clone()?);
    let answers = Arc::new(Answers::default());
    let counted = answers.clone();
    thread::spawn(move || drop(back(from_server, to_client, &counted)));
    let mut server = server;
    // The first messages have no type: a request for encryption, which this proxy declines, then the start.
    loop {
        let start = message(&mut client, false)?;
        let is_request_for_tls_or_gss = matches!(start.get(4..8), Some([4, 210, 22, 47 | 48]));
        if !is_request_for_tls_or_gss {
            server.write_all(&start)?;
            break;
        }
        client.write_all(b"N")?;
    }
    loop {
        let message = message(&mut client, true)?;
        let text = String::from_utf8_lossy(&message[5..]);
        let is_commit =
            message[0] == b'Q' && text.split(';').any(|part| part.trim_matches(['\0', ' ']) == "COMMIT");
        let is_insert = message[0] == b'P' && text.contains("INSERT INTO");
        if (is_insert && cuts.take(Cut::AtTheFirstInsert)) || (is_commit && cuts.take(Cut::BeforeCommit)) {
            return Ok(());
        }
        if is_commit && cuts.take(Cut::AfterCommit) {
            answers.withhold();
            server.write_all(&message)?;
            answers.await_one();
            return Ok(());
        }
        server.write_all(&message)?;
    }
}

/// A whole message of the client.
fn message(client: &mut &TcpStream, with_type: bool) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; if with_type { 5 } else { 4 }];
    client.read_exact(&mut message)?;
    let head = message.len();
    let length = u32::from_be_bytes(message[head - 4..].try_into().unwrap()) as usize;
    message.resize(head - 4 + length, 0);
    client.read_exact(&mut message[head..])?;
    Ok(message)
}

/// Whether the server's answers are withheld, and how many were.
#[derive(Default)]
struct Answers {
    withheld: std::sync::Mutex<(bool, usize)>,
    came: std::sync::Condvar,
}

impl Answers {
    fn withhold(&self) {
        self.withheld.lock().unwrap().0 = true;
    }

    fn await_one(&self) {
        let withheld = self.withheld.lock().unwrap();
        drop(self.came.wait_while(withheld, |(_, answers)| *answers == 0).unwrap());
    }
}

fn back(mut server: TcpStream, mut client: TcpStream, answers: &Answers) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = server.read(&mut buffer)?;
        let mut withheld = answers.withheld.lock().unwrap();
        if withheld.0 || read == 0 {
            withheld.1 += 1;
            answers.came.notify_all();
        }
        if read == 0 {
            return client.shutdown(Shutdown::Both);
        }
        if !withheld.0 {
            drop(withheld);
            client.write_all(&buffer[..read])?;
        }
    }
}
