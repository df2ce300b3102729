//! What is left of a person's file name before it becomes part of an object key or a download's name.

use unicode_normalization::UnicodeNormalization;

/// The longest name that is kept, in bytes (all of them ASCII), its extension included.
pub const MAX_FILENAME_LEN: usize = 100;

/// The name given to a file whose own name has nothing left.
const NAMELESS: &str = "upload";

/// `name` made safe: the last path part only, ASCII letters, digits, `.`, `_` and `-`, no leading or trailing
/// dots, at most [`MAX_FILENAME_LEN`] bytes. Accents and ligatures are transliterated (`Zoë` → `Zoe`,
/// `Straße` → `Strasse`), blanks and other ASCII signs become one `_`, and what has no ASCII form is dropped.
/// A name with nothing left is `upload`.
pub fn sanitize_filename(name: &str) -> String {
    shorten(clean(name), MAX_FILENAME_LEN)
}

/// [`sanitize_filename`], always ending in `.csv`: an extension that says it is text of some kind (`.csv`,
/// `.txt`, `.tsv`, in any case) is replaced, any other stays part of the name (`list.2024` → `list.2024.csv`).
pub fn sanitize_csv_filename(name: &str) -> String {
    format!("{}.csv", csv_stem(name))
}

/// [`sanitize_csv_filename`] without its `.csv`.
pub(super) fn csv_stem(name: &str) -> String {
    let clean = clean(name);
    let stem = match clean.rsplit_once('.') {
        Some((stem, extension))
            if ["csv", "txt", "tsv"].iter().any(|known| extension.eq_ignore_ascii_case(known)) =>
        {
            stem
        }
        _ => &clean,
    };
    let stem = stem.trim_end_matches('.');
    let stem = if stem.is_empty() { NAMELESS } else { stem };
    shorten(stem.to_owned(), MAX_FILENAME_LEN - ".csv".len())
}

fn clean(name: &str) -> String {
    let last_part = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut clean = String::with_capacity(last_part.len());
    for character in last_part.nfkd() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => clean.push(character),
            _ if character.is_ascii() || character.is_whitespace() => {
                if !clean.ends_with('_') {
                    clean.push('_');
                }
            }
            _ => clean.push_str(transliterated(character)),
        }
    }
    let clean = clean.trim_start_matches(['.', '_']).trim_end_matches(['.', '_']);
    if clean.is_empty() { NAMELESS.to_owned() } else { clean.to_owned() }
}

/// The letters that Unicode does not take apart into a base letter and a mark.
fn transliterated(character: char) -> &'static str {
    match character {
        'ß' => "ss",
        'ẞ' => "SS",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'þ' => "th",
        'Þ' => "Th",
        'ı' => "i",
        '\u{2010}'..='\u{2015}' => "-",
        _ => "",
    }
}

/// Cuts `name` (ASCII) to `max` bytes; a short extension survives the cut.
fn shorten(mut name: String, max: usize) -> String {
    if name.len() <= max {
        return name;
    }
    let extension = match name.rsplit_once('.') {
        Some((_, extension)) if extension.len() <= 8 => format!(".{extension}"),
        _ => String::new(),
    };
    name.truncate(max - extension.len());
    name.truncate(name.trim_end_matches('.').len());
    name + &extension
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_the_last_part_of_a_path_only() {
        assert_eq!(sanitize_filename("../../etc/passwd"), "passwd");
        assert_eq!(sanitize_filename(r"C:\Users\me\My list (2).csv"), "My_list_2_.csv");
        assert_eq!(sanitize_filename("lists/"), "upload");
        assert_eq!(sanitize_filename("..."), "upload");
        assert_eq!(sanitize_filename(".env"), "env");
    }

    #[test]
    fn transliterates_or_drops_what_is_not_ascii() {
        assert_eq!(sanitize_filename("Zoë – Straße ﬁrms.csv"), "Zoe_-_Strasse_firms.csv");
        assert_eq!(sanitize_filename("顧客.csv"), "csv");
        assert_eq!(sanitize_filename("顧客"), "upload");
    }

    #[test]
    fn forces_csv_where_asked() {
        assert_eq!(sanitize_csv_filename("plumbers.CSV"), "plumbers.csv");
        assert_eq!(sanitize_csv_filename("plumbers.txt"), "plumbers.csv");
        assert_eq!(sanitize_csv_filename("plumbers.exe"), "plumbers.exe.csv");
        assert_eq!(sanitize_csv_filename("plumbers"), "plumbers.csv");
        assert_eq!(sanitize_csv_filename(".csv"), "csv.csv");
        assert_eq!(sanitize_csv_filename(""), "upload.csv");
    }

    #[test]
    fn cuts_the_name_and_not_its_extension() {
        let long = format!("{}.csv.gz", "a".repeat(300));
        let cut = sanitize_filename(&long);
        assert_eq!(cut.len(), MAX_FILENAME_LEN);
        assert!(cut.ends_with(".gz"), "{cut}");
    }

    proptest! {
        #[test]
        fn is_always_safe_and_stable(name in any::<String>()) {
            for safe in [sanitize_filename(&name), sanitize_csv_filename(&name)] {
                prop_assert!(!safe.is_empty() && safe.len() <= MAX_FILENAME_LEN, "{safe:?}");
                prop_assert!(safe.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)), "{safe:?}");
                prop_assert!(!safe.starts_with('.'), "{safe:?}");
                prop_assert_eq!(sanitize_filename(&safe), safe.clone());
            }
            let csv = sanitize_csv_filename(&name);
            prop_assert!(csv.ends_with(".csv"));
            prop_assert_eq!(sanitize_csv_filename(&csv), csv);
        }

        #[test]
        fn is_always_safe_for_file_like_names(name in "[./\\\\a-zé_ ]{0,130}(\\.[a-zA-Z.]{0,12})?") {
            let safe = sanitize_csv_filename(&name);
            prop_assert!(safe.len() <= MAX_FILENAME_LEN && !safe.starts_with('.') && safe.ends_with(".csv"), "{safe:?}");
            prop_assert_eq!(sanitize_csv_filename(&safe), safe.clone());
            prop_assert_eq!(sanitize_filename(&safe), safe);
        }
    }
}
