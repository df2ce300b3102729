//! Numbers and addresses, from a vendor's answer to what is stored.

use domain::id::LeadId;
use entities::enrichment::contact_points::{FoundPoint, PointKind};
use providers::enrichment::{EmailStatus, FoundEmail, FoundPhone, LineType};

/// How sure a vendor is that does not say how sure it is.
const UNRATED: u8 = 50;

/// A number as it is stored. Verified: the vendor says that it is valid or that somebody answers there, and that it is a
/// mobile or goes over the internet.
pub(super) fn point_of(lead: LeadId, phone: &FoundPhone) -> FoundPoint {
    let kind = match phone.line_type {
        Some(LineType::Mobile) => PointKind::Mobile,
        Some(LineType::Landline) => PointKind::Landline,
        Some(LineType::Voip) => PointKind::Voip,
        Some(LineType::TollFree | LineType::Premium | LineType::Other) | None => PointKind::Phone,
    };
    let reaches = phone.valid == Some(true) || phone.connected == Some(true);
    let dead = phone.valid == Some(false) || phone.connected == Some(false);
    let verified = reaches && !dead && matches!(kind, PointKind::Mobile | PointKind::Voip);
    let mut point =
        FoundPoint::new(lead, kind, phone.phone.expose(), phone.score.unwrap_or(UNRATED).min(100), verified);
    point.class = match phone.line_type {
        Some(LineType::TollFree) => Some("toll_free"),
        Some(LineType::Premium) => Some("premium"),
        _ => None,
    };
    point.carrier.clone_from(&phone.carrier);
    point.is_valid = phone.valid;
    point.is_connected = phone.connected;
    point.dnc = phone.dnc == Some(true);
    point.tcpa = phone.tcpa == Some(true);
    point
}

/// An address as it is stored.
pub(super) fn email_of(lead: LeadId, email: &FoundEmail) -> FoundPoint {
    let verified = email.status == Some(EmailStatus::Verified);
    let score = match email.status {
        Some(EmailStatus::Verified) => 95,
        Some(EmailStatus::Guessed) => 40,
        Some(EmailStatus::Invalid) => 0,
        Some(EmailStatus::Unverified) | None => UNRATED,
    };
    let mut point =
        FoundPoint::new(lead, PointKind::Email, email.email.expose().to_lowercase(), score, verified);
    point.class = Some(email.email.class().as_str());
    point.status = match email.status {
        Some(EmailStatus::Verified) => Some("verified"),
        Some(EmailStatus::Guessed) => Some("guessed"),
        Some(EmailStatus::Invalid) => Some("invalid"),
        Some(EmailStatus::Unverified) | None => None,
    };
    point
}

#[cfg(test)]
mod tests {
    use domain::id::TypedId;

    use super::*;

    fn point(line_type: Option<LineType>, valid: Option<bool>, connected: Option<bool>) -> FoundPoint {
        let phone = FoundPhone {
            line_type,
            valid,
            connected,
            ..FoundPhone::new("+15125550123".parse().expect("a number"))
        };
        point_of(LeadId::from_uuid(uuid::Uuid::nil()), &phone)
    }

    #[test]
    fn a_number_is_verified_where_it_is_valid_or_answers_and_can_be_texted() {
        let yes = Some(true);
        assert!(point(Some(LineType::Mobile), yes, None).verified);
        assert!(point(Some(LineType::Voip), None, yes).verified);
        assert!(!point(Some(LineType::Landline), yes, yes).verified);
        assert!(!point(Some(LineType::Mobile), None, None).verified, "nobody says that it is valid");
        assert!(!point(Some(LineType::Mobile), yes, Some(false)).verified, "nobody answers");
        assert!(!point(None, yes, yes).verified);
    }
}
