//! Which carrier a number belongs to, as far as carriers count differently.

/// AT&T's word in throttles.
pub(crate) const ATT: &str = "att";
/// T-Mobile's word in throttles.
pub(crate) const T_MOBILE: &str = "t-mobile";
const VERIZON: &str = "verizon";
const OTHER: &str = "other";

/// The class of a carrier by the name that a lookup tells; `None` where nobody has looked, which counts for each of them.
pub(crate) fn class(name: Option<&str>) -> Option<&'static str> {
    let name = name?.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    Some(if has(&["at&t", "att ", "cingular", "cricket", "new cingular"]) || name == "att" {
        ATT
    } else if has(&["t-mobile", "tmobile", "metropcs", "metro by", "sprint", "mint mobile"]) {
        T_MOBILE
    } else if has(&["verizon", "cellco", "visible"]) {
        VERIZON
    } else {
        OTHER
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_lookups_are_told_apart() {
        assert_eq!(class(Some("AT&T Wireless")), Some(ATT));
        assert_eq!(class(Some("New Cingular Wireless PCS, LLC")), Some(ATT));
        assert_eq!(class(Some("T-Mobile USA, Inc.")), Some(T_MOBILE));
        assert_eq!(class(Some("Verizon Wireless")), Some("verizon"));
        assert_eq!(class(Some("Bandwidth/13 - Bandwidth.com - SVR")), Some("other"));
        assert_eq!(class(None), None);
    }
}
