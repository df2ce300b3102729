//! `Debug` for what holds personal data: the name of the type and nothing of what is in it.

/// Gives types a `Debug` that shows none of their fields, so that they may stand inside what is logged.
macro_rules! hides_itself {
    ($($name:ident),+ $(,)?) => {$(
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}
pub(crate) use hides_itself;
