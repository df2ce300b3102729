//! `deliverable.send`: sees to it that what is owed is sent. Key: the row. What a deliverable says is made by people, so that
//! sending it is asking them for it.

use workflows::deliverable::{DeliverableRef, Delivered};

use super::hand_over::hand_over;
use crate::{Fault, Resources};

pub(super) async fn send(resources: &Resources, of: DeliverableRef) -> Result<Delivered, Fault> {
    hand_over(resources, of).await
}
