//! What every request to every vendor passes, in this order: it is counted, let in, held against the vendor's limits,
//! struck by a fault or not, answered by the vendor, billed, delayed. A vendor only knows how it speaks: it is a
//! [`Storefront`].

mod line;
mod reply;
mod storefront;
mod visit;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
pub(crate) use line::Door;
pub(crate) use line::Line;
pub(crate) use reply::{Reply, gateway_page};
pub(crate) use storefront::{Account, Refusal, Served, Storefront};
use tokio::sync::watch;
pub(crate) use visit::Visit;

use crate::deliveries::Deliveries;
use crate::faults::{Fault, FaultBook, Twist};
use crate::ledger::Ledger;

/// A vendor's server.
pub(crate) struct Front {
    pub(crate) store: Arc<dyn Storefront>,
    pub(crate) latency: Duration,
    pub(crate) faults: Arc<FaultBook>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) deliveries: Arc<Deliveries>,
    pub(crate) closing: watch::Receiver<bool>,
}

/// How a request ends.
enum Ending {
    Answered(Reply),
    /// The connection is closed without a word.
    Cut,
}

impl Front {
    /// Everything that is asked of the vendor.
    pub(crate) fn router(self) -> Router {
        Router::new().fallback(receive).with_state(Arc::new(self))
    }

    async fn attend(&self, visit: &Visit) -> Ending {
        let vendor = self.store.vendor();
        let account = match self.store.admit(visit) {
            Ok(account) => account,
            Err(reply) => return self.after(visit, self.latency, reply).await,
        };
        let admission = self.ledger.admit(vendor, &account.scope);
        let refuse = |refusal: &Refusal| {
            let mut reply = self.store.refuse(visit, refusal);
            self.store.stamp(&mut reply, &admission.windows);
            reply
        };
        if let Some(closed_for) = admission.closed_for {
            let refusal = Refusal::RateLimited { retry_after: Some(closed_for) };
            return Ending::Answered(refuse(&refusal));
        }
        let fault = self.faults.draw(vendor, &visit.text(), |fault| self.store.suffers(fault));
        if let Some(fault) = &fault {
            self.ledger.fault(vendor, fault.kind());
            if let Some(refusal) = Refusal::of(fault) {
                return self.after(visit, self.latency, refuse(&refusal)).await;
            }
        }
        match fault {
            Some(Fault::Hung { processed }) => {
                if processed {
                    self.serve(visit, &account, &Twist::default());
                }
                self.closed().await;
                Ending::Cut
            }
            Some(Fault::Cut { processed }) => {
                if processed {
                    self.serve(visit, &account, &Twist::default());
                }
                self.wait(visit, self.latency).await;
                Ending::Cut
            }
            fault => {
                let twist = fault.as_ref().map(Fault::twist).unwrap_or_default();
                let mut reply = self.serve(visit, &account, &twist);
                self.store.stamp(&mut reply, &admission.windows);
                let mut latency = self.latency;
                match fault {
                    Some(Fault::Slow { ms }) => latency += Duration::from_millis(ms),
                    Some(Fault::Malformed) => reply.break_off(),
                    _ => {}
                }
                if reply.is_lost() {
                    self.wait(visit, latency).await;
                    return Ending::Cut;
                }
                self.after(visit, latency, reply).await
            }
        }
    }

    /// Processes the request and puts it on the bill, in one go: whoever goes away while the answer is on its way has
    /// been billed.
    fn serve(&self, visit: &Visit, account: &Account, twist: &Twist) -> Reply {
        let served = self.store.serve(visit, account, twist);
        self.ledger.settle(self.store.vendor(), &served.asked, &served.charges);
        for delivery in served.deliveries {
            self.deliveries.plan(self.store.vendor(), delivery);
        }
        served.reply
    }

    async fn after(&self, visit: &Visit, latency: Duration, reply: Reply) -> Ending {
        self.wait(visit, latency).await;
        Ending::Answered(reply)
    }

    /// Until so long after the request came.
    async fn wait(&self, visit: &Visit, time: Duration) {
        if !time.is_zero() {
            tokio::select! {
                () = tokio::time::sleep_until(visit.at + time) => {}
                () = self.closed() => {}
            }
        }
    }

    /// When the sandbox stops. An error says that it is gone already.
    async fn closed(&self) {
        let _ = self.closing.clone().wait_for(|closing| *closing).await;
    }
}

async fn receive(
    State(front): State<Arc<Front>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let vendor = front.store.vendor();
    let presence = front.ledger.arrive(vendor);
    let ending = match Visit::read(request).await {
        Ok(visit) => front.attend(&visit).await,
        Err(reply) => Ending::Answered(reply),
    };
    let response = match ending {
        Ending::Answered(reply) => {
            front.ledger.answer(vendor, reply.status.as_u16());
            reply.into_response()
        }
        Ending::Cut => {
            line.cut();
            Reply::empty().into_response()
        }
    };
    // Gone from the books before the caller can know of the answer.
    drop(presence);
    response
}
