//! The lines of business whose replies are told apart, and what each of them sends to an address that was given.

use crate::named::named_enum;

named_enum! {
    /// For whom a campaign asks, and so what its replies mean.
    ClientLine {
        /// Owners of property, who want to know what it is worth.
        HomeownerAdvisor = "homeowner_advisor",
        /// Agents and brokers, property managers, developers, landlords.
        RealEstate = "real_estate",
        /// Owners of businesses of $0.5 to 10 million, who may want to sell.
        DealSourcing = "deal_sourcing",
        /// Firms that would sell the service under their own name.
        WhiteLabel = "white_label",
    }
}

named_enum! {
    /// What is made for somebody who gave an address.
    DeliverableKind {
        /// What the property is worth.
        ValuationReport = "valuation_report",
        /// What to do before selling a business.
        ExitPreparation = "exit_preparation",
        /// What a reseller gets.
        WhiteLabelPitch = "white_label_pitch",
        /// What an agent or manager gets who finds owners.
        UserToOwnerPitch = "user_to_owner_pitch",
    }
}

impl ClientLine {
    /// What this line sends to an address that was given.
    pub const fn deliverable(self) -> DeliverableKind {
        match self {
            Self::HomeownerAdvisor => DeliverableKind::ValuationReport,
            Self::RealEstate => DeliverableKind::UserToOwnerPitch,
            Self::DealSourcing => DeliverableKind::ExitPreparation,
            Self::WhiteLabel => DeliverableKind::WhiteLabelPitch,
        }
    }
}

impl DeliverableKind {
    /// The queue of people who make it, by the name operators know.
    pub const fn queue(self) -> &'static str {
        match self {
            Self::ValuationReport => "valuation-queue",
            Self::ExitPreparation => "content-queue",
            Self::WhiteLabelPitch | Self::UserToOwnerPitch => "sales-queue",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_sends_one_thing_by_one_queue() {
        let sent: Vec<_> =
            ClientLine::ALL.iter().map(|line| (line.as_str(), line.deliverable().queue())).collect();
        assert_eq!(
            sent,
            [
                ("homeowner_advisor", "valuation-queue"),
                ("real_estate", "sales-queue"),
                ("deal_sourcing", "content-queue"),
                ("white_label", "sales-queue"),
            ]
        );
    }
}
