//! Says what the local stack is doing while it starts.

use std::collections::BTreeMap;

use indicatif::{ProgressBar, ProgressStyle};
use stack::Event;

use crate::speak;

/// Follows the events of one start.
#[derive(Debug, Default)]
pub(super) struct Narrator {
    downloads: BTreeMap<String, Download>,
}

#[derive(Debug)]
struct Download {
    bar: ProgressBar,
    /// Percent said so far, where there is no terminal to draw a bar on.
    said: u64,
}

impl Narrator {
    /// Says what `event` means to the person in front.
    pub(super) fn tell(&mut self, event: Event) {
        match event {
            Event::WaitingForInstall => {
                speak::note("Another process is installing the services; waiting for it …")
            }
            Event::PreparingInstall => {
                speak::note(
                    "First start: PostgreSQL, Temporal and S3 are downloaded into .stack (once, about 200 MB).",
                );
            }
            Event::Installing { package, bytes_done, bytes_total } => {
                self.installing(package, bytes_done, bytes_total)
            }
            Event::Installed { package } => {
                if let Some(download) = self.downloads.remove(&package) {
                    download.bar.finish_and_clear();
                }
                speak::note(format!("  installed {package}"));
            }
            Event::External { service } => {
                speak::note(format!("  {service}: the one {} names", service.variable()))
            }
            Event::Starting { .. } => {}
            Event::Ready { service, took } => {
                speak::note(format!("  {service} is ready ({:.1} s)", took.as_secs_f64()));
            }
        }
    }

    #[expect(clippy::literal_string_with_formatting_args, reason = "the language of indicatif's templates")]
    fn installing(&mut self, package: String, done: u64, total: Option<u64>) {
        let download = self.downloads.entry(package).or_insert_with_key(|package| {
            let bar = ProgressBar::new(total.unwrap_or(0));
            let style =
                ProgressStyle::with_template("  {msg:20} {bar:30} {bytes}/{total_bytes} {bytes_per_sec}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(package.clone());
            if bar.is_hidden() {
                speak::note(format!("  downloading {package} …"));
            }
            Download { bar, said: 0 }
        });
        if let Some(total) = total {
            download.bar.set_length(total);
        }
        download.bar.set_position(done);
        if let Some(total) = total.filter(|total| *total > 0 && download.bar.is_hidden()) {
            let percent = done.saturating_mul(100) / total;
            if percent >= download.said + 25 {
                download.said = percent / 25 * 25;
                speak::note(format!("    {} %", download.said));
            }
        }
    }
}
