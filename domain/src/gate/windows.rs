//! A campaign's own hours, at most seven of them, without allocation.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::campaign::{SendWindow, SendWindowError};

/// How many a campaign has at most: one a day of the week.
const MOST: usize = 7;

/// A campaign's own hours. None at all means: whenever the law and the house allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Windows {
    windows: [Option<SendWindow>; MOST],
}

/// Hours that a campaign cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowsError {
    /// More than seven.
    #[error("a campaign has at most {MOST} windows, not {0}")]
    TooMany(usize),
    /// One that never opens.
    #[error(transparent)]
    Window(#[from] SendWindowError),
}

impl Windows {
    /// No hours of its own.
    pub const NONE: Self = Self { windows: [None; MOST] };

    /// These hours.
    ///
    /// # Errors
    /// [`WindowsError`] for too many, or one that never opens.
    pub fn new(windows: &[SendWindow]) -> Result<Self, WindowsError> {
        if windows.len() > MOST {
            return Err(WindowsError::TooMany(windows.len()));
        }
        let mut made = Self::NONE;
        for (slot, window) in made.windows.iter_mut().zip(windows) {
            *slot = Some(window.checked()?);
        }
        Ok(made)
    }

    /// Whether it has no hours of its own.
    pub const fn is_empty(&self) -> bool {
        self.windows[0].is_none()
    }

    /// The hours, as they were given.
    pub fn iter(&self) -> impl Iterator<Item = SendWindow> {
        self.windows.iter().map_while(|window| *window)
    }
}

impl Serialize for Windows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Windows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&Vec::<SendWindow>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::Days;

    #[test]
    fn windows_read_back_and_too_many_are_refused() {
        let window = SendWindow { from: 600, until: 720, days: Days::ALL };
        let two = Windows::new(&[window, window]).expect("two");
        let text = serde_json::to_string(&two).expect("plain data");
        assert_eq!(serde_json::from_str::<Windows>(&text).expect("windows"), two);
        assert_eq!((two.iter().count(), two.is_empty(), Windows::NONE.is_empty()), (2, false, true));
        assert_eq!(Windows::new(&[window; 8]), Err(WindowsError::TooMany(8)));
        let never = SendWindow { from: 720, ..window };
        assert!(matches!(Windows::new(&[never]), Err(WindowsError::Window(_))));
    }
}
