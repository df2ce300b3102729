//! Closed sets of words: enums whose variants have one name outside Rust.

/// Declares an enum with `ALL`, `as_str`, `Display`, `FromStr` (an [`domain::named::UnknownName`] lists what would have
/// done) and serde by the word.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident($kind:literal) { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word outside Rust.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = domain::named::UnknownName;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word).ok_or_else(|| {
                    domain::named::UnknownName {
                        kind: $kind,
                        got: word.to_owned(),
                        expected: Self::ALL.iter().map(|known| known.as_str()).collect(),
                    }
                })
            }
        }
    };
}
pub(crate) use words;
