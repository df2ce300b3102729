//! Numbers to send from: those we have, and those a vendor sells.

use domain::phone::Phone;

/// A number we have at a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedNumber {
    /// The number.
    pub number: Phone,
    /// The vendor's id of it, where it has one beside the number itself.
    pub external_id: Option<String>,
    /// Whether texts may be sent from it now. A number that was just bought may not: SignalHouse's must be READY on an
    /// ACTIVE campaign of a VERIFIED brand \[V\].
    pub ready: bool,
    /// The registered campaign it belongs to, where the vendor says: what carriers count its segments by.
    pub campaign: Option<String>,
}

/// A number that can be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberOffer {
    /// The number.
    pub number: Phone,
    /// The state it belongs to, two letters, where the vendor says.
    pub state: Option<String>,
}

/// How buying a number ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bought {
    /// It is ours.
    Now(OwnedNumber),
    /// The vendor will tell later whether it is ours; look for it in
    /// [`numbers`](super::SmsProvider::numbers).
    Ordered,
    /// The bytes left and no answer came: possibly bought and paid. Look for it in
    /// [`numbers`](super::SmsProvider::numbers) before buying another.
    Unknown,
}
