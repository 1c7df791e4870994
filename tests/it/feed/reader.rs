//! A reader of server-sent events that shares nothing with the server: bytes of a connection, chunks of HTTP/1.1, fields of the
//! HTML standard.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::Client;

/// A guard against hanging, and no measure of anything.
pub const GUARD: Duration = Duration::from_secs(60);

/// What a stream says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    Event {
        id: u64,
        name: String,
        data: Value,
    },
    /// An id without an event.
    Id(u64),
    Comment(String),
}

/// An open stream.
pub struct Reader {
    connection: BufReader<TcpStream>,
    pub status: u16,
    pub head: String,
    /// What is read and not yet told.
    text: String,
    at: usize,
    /// What was read of it so far, chunk by chunk.
    pub chunks: Vec<String>,
    pub retry: Option<u64>,
    /// The last id that was read, as a browser keeps it.
    pub last: Option<u64>,
    /// Whether it ended as HTTP has it: by a chunk of nothing.
    pub ended_well: bool,
    /// When an entry was last read: comments alone are no sign of life to a test.
    heard: Instant,
}

impl Reader {
    /// Asks for a stream; the status says whether it is one.
    pub fn open(client: &Client, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut connection = TcpStream::connect(client.address).unwrap();
        connection.set_read_timeout(Some(GUARD)).unwrap();
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", client.address);
        let bearer = client.bearer().map(|bearer| format!("Bearer {bearer}"));
        let all = headers.iter().copied().chain(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        for (name, value) in all {
            request += &format!("{name}: {value}\r\n");
        }
        connection.write_all(format!("{request}\r\n").as_bytes()).unwrap();
        let mut connection = BufReader::new(connection);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(connection.read_line(&mut head).unwrap() > 0, "no answer to {path}: {head}");
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            connection,
            status,
            head,
            text: String::new(),
            at: 0,
            chunks: Vec::new(),
            retry: None,
            last: None,
            ended_well: false,
            heard: Instant::now(),
        }
    }

    /// Asks for a stream that must be one.
    #[track_caller]
    pub fn of(client: &Client, query: &str) -> Self {
        let reader = Self::open(client, &format!("/v1/journal-stream{query}"), &[]);
        assert_eq!(reader.status, 200, "{}", reader.head);
        reader
    }

    /// Goes on where a stream was lost.
    #[track_caller]
    pub fn after(client: &Client, last: u64) -> Self {
        let last = last.to_string();
        let reader = Self::open(client, "/v1/journal-stream", &[("Last-Event-ID", &last)]);
        assert_eq!(reader.status, 200, "{}", reader.head);
        reader
    }

    /// One chunk; none at the end.
    fn chunk(&mut self) -> io::Result<Option<String>> {
        let mut size = String::new();
        if self.connection.read_line(&mut size)? == 0 {
            return Ok(None);
        }
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut bytes = vec![0; size + 2];
        self.connection.read_exact(&mut bytes)?;
        assert!(bytes.ends_with(b"\r\n"));
        bytes.truncate(size);
        self.ended_well = size == 0;
        Ok((size > 0).then(|| String::from_utf8(bytes).unwrap()))
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(length) = self.text[self.at..].find('\n') {
                let line = self.text[self.at..self.at + length].to_owned();
                self.at += length + 1;
                return Ok(Some(line));
            }
            let Some(chunk) = self.chunk()? else { return Ok(None) };
            self.text.replace_range(..self.at, "");
            self.at = 0;
            self.text += &chunk;
            self.chunks.push(chunk);
        }
    }

    /// What it says next; none where it has ended, an error where the connection was lost.
    pub fn try_next(&mut self) -> io::Result<Option<Said>> {
        let (mut id, mut name, mut data) = (None, String::new(), Vec::new());
        while let Some(line) = self.line()? {
            if line.is_empty() {
                if !data.is_empty() {
                    let data = serde_json::from_str(&data.join("\n")).unwrap();
                    self.heard = Instant::now();
                    return Ok(Some(Said::Event { id: id.unwrap(), name, data }));
                }
                if let Some(id) = id {
                    return Ok(Some(Said::Id(id)));
                }
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "" => {
                    assert!(self.heard.elapsed() < GUARD, "nothing but comments for too long: {value}");
                    return Ok(Some(Said::Comment(value.to_owned())));
                }
                "id" => {
                    id = Some(value.parse().unwrap());
                    self.last = id;
                }
                "event" => name = value.to_owned(),
                "data" => data.push(value.to_owned()),
                "retry" => self.retry = Some(value.parse().unwrap()),
                other => panic!("a field that the standard does not have: {other}"),
            }
        }
        Ok(None)
    }

    pub fn said(&mut self) -> Option<Said> {
        self.try_next().unwrap()
    }

    /// The next entry; none where the stream has ended.
    pub fn entry(&mut self) -> Option<Value> {
        loop {
            if let Said::Event { id, name, data } = self.said()? {
                assert_eq!(data["seq"], id);
                assert_eq!(data["action"], name);
                return Some(data);
            }
        }
    }

    /// So many entries.
    pub fn entries(&mut self, count: usize) -> Vec<Value> {
        (0..count).map(|number| self.entry().unwrap_or_else(|| panic!("ended after {number}"))).collect()
    }

    /// Reads until all that there is was sent; the entries on the way.
    pub fn catch_up(&mut self) -> Vec<Value> {
        let mut entries = Vec::new();
        loop {
            match self.said().expect("the stream ended") {
                Said::Event { data, .. } => entries.push(data),
                Said::Id(_) => {}
                Said::Comment(text) if text == "that is all so far" => return entries,
                Said::Comment(text) => assert_eq!(text, "still here"),
            }
        }
    }
}
