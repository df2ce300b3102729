//! What stands below every e-mail.

/// What stands below every e-mail: who sends it, where that is for the post, and how to leave (CAN-SPAM, 15 U.S.C. 7704(a)(3) and
/// (5)). `postal_address` may have several lines. No author of a template can leave it out.
pub fn footer(name: &str, postal_address: &str, unsubscribe: &str) -> String {
    let lines = postal_address.lines().map(str::trim).filter(|line| !line.is_empty());
    let address: Vec<&str> = std::iter::once(name.trim()).chain(lines).collect();
    format!("\n\n--\n{}\n\nUnsubscribe: {unsubscribe}\n", address.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_who_where_and_how_to_leave() {
        let footer = footer("Acme", "Suite 4\r\n\r\n1 Main St, Austin TX 78701 ", "https://us.example/u/t");
        assert_eq!(
            footer,
            "\n\n--\nAcme\nSuite 4\n1 Main St, Austin TX 78701\n\nUnsubscribe: https://us.example/u/t\n"
        );
    }
}
