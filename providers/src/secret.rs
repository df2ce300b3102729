//! A text that must not be seen.

use std::fmt;

/// A key, password or token. It never prints itself: `Debug` shows `[redacted]`, there is no `Display` and it
/// cannot be serialized, so that it cannot slip into a log, an error or a payload.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, to be handed to whoever must sign or log in with it and to nobody else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn does_not_show_itself_inside_another_debug() {
        let shown = format!("{:?}", Some(Secret::from("hunter2")));
        assert_eq!(shown, "Some([redacted])");
        assert_eq!(Secret::from("hunter2").expose(), "hunter2");
    }
}
