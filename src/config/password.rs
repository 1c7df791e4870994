//! A password, read from the file that a setting names. It is printed nowhere: not in messages, not in logs, and, since
//! only the path is an argument, not in what the system shows of a process.

use std::{fmt, fs::File, io::Read, path::Path};

/// libpq and PostgreSQL take no longer one.
const MAX_BYTES: u64 = 1000;

/// A password: one line of text, not empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Reads a file that holds a password and nothing else; line ends after it don't count.
    ///
    /// # Errors
    /// What is wrong with the file, without any of its content.
    pub fn read(path: &str) -> Result<Self, String> {
        let mut bytes = Vec::new();
        File::open(Path::new(path))
            .and_then(|file| file.take(MAX_BYTES.saturating_add(3)).read_to_end(&mut bytes))
            .map_err(|failure| format!("the file can't be read: {failure}"))?;
        let text = String::from_utf8(bytes).map_err(|_| "the file holds no UTF-8 text")?;
        let password = text.trim_end_matches(['\r', '\n']);
        if password.is_empty() {
            return Err("the file is empty".into());
        }
        if u64::try_from(password.len()).is_ok_and(|length| length > MAX_BYTES) {
            return Err(format!("the file holds more than {MAX_BYTES} bytes, which is no password"));
        }
        if password.contains(['\r', '\n', '\0']) {
            return Err(
                "the file holds more than one line; it must hold the password and nothing else".into()
            );
        }
        Ok(Self(password.to_owned()))
    }

    /// The password itself, for whoever signs in with it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, process};

    use super::*;

    fn read(name: &str, content: &[u8]) -> Result<Password, String> {
        let path = std::env::temp_dir().join(format!("{}-{name}", process::id()));
        fs::write(&path, content).unwrap();
        let password = Password::read(path.to_str().unwrap());
        fs::remove_file(path).unwrap();
        password
    }

    #[test]
    fn a_password_is_a_file_less_its_last_line_end() {
        for (content, password) in [
            ("secret", "secret"),
            ("secret\n", "secret"),
            ("secret\r\n", "secret"),
            (" with spaces \n", " with spaces "),
            ("päss:w@rd/?%&#\n", "päss:w@rd/?%&#"),
        ] {
            assert_eq!(read("good", content.as_bytes()).unwrap().reveal(), password);
        }
        let long = "x".repeat(1000);
        assert_eq!(read("good", format!("{long}\r\n").as_bytes()).unwrap().reveal(), long);
    }

    #[test]
    fn what_is_no_password_is_refused_without_being_repeated() {
        let long = vec![b'x'; 1001];
        let files: [(&[u8], &str); 6] = [
            (b"", "is empty"),
            (b"\n\r\n", "is empty"),
            (b"one\ntwo\n", "more than one line"),
            (b"one\0two", "more than one line"),
            (b"\xff\xfe", "no UTF-8"),
            (&long, "more than 1000 bytes"),
        ];
        for (content, words) in files {
            let refusal = read("bad", content).unwrap_err();
            assert!(refusal.contains(words), "{refusal}");
            assert!(!refusal.contains("two") && !refusal.contains("xx"), "{refusal}");
        }
        assert!(Password::read("/nowhere/password").unwrap_err().contains("can't be read"));
        assert!(Password::read("/").unwrap_err().contains("can't be read"));
    }

    #[test]
    fn a_password_does_not_print_itself() {
        assert_eq!(format!("{:?}", read("print", b"secret").unwrap()), "Password");
    }
}
