//! Closed sets of words: an enum whose variants each have one name outside Rust.
//!
//! The name is what the database, JSON and the API carry. It is never changed once released.

use std::fmt;

/// A word that is not one of a closed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{got:?} is not a {kind}; expected one of {}", expected.join(", "))]
pub struct UnknownName {
    /// What kind of thing was wanted.
    pub kind: &'static str,
    /// What was given.
    pub got: String,
    /// Every word that would have done.
    pub expected: Vec<&'static str>,
}

/// What every closed set of words can do, for code that writes any of them.
pub trait Named: Copy + fmt::Debug + 'static {
    /// All of the set, in the order in which they are declared.
    const ALL: &'static [Self];

    /// The word outside Rust.
    fn as_str(self) -> &'static str;
}

/// Declares an enum of words with `ALL`, `as_str`, `Display`, `FromStr` and serde by the word. Where it is used, `serde`
/// is among the dependencies.
#[macro_export]
macro_rules! named_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word by which the database, JSON and the API know it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl $crate::named::Named for $name {
            const ALL: &'static [$name] = $name::ALL;
            fn as_str(self) -> &'static str { $name::as_str(self) }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::named::UnknownName;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)*
                    _ => Err($crate::named::UnknownName {
                        kind: stringify!($name),
                        got: word.to_owned(),
                        expected: vec![$($word,)*],
                    }),
                }
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                word.parse().map_err(::serde::de::Error::custom)
            }
        }
    };
}
pub use named_enum;
