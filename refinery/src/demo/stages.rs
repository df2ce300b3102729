//! A progress bar a stage; plain lines where there is no terminal.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::client::Upload;
use crate::speak;

/// The stages as the workflow names them, with words for people.
const STAGES: [(&str, &str); 6] = [
    ("inspect_file", "inspect"),
    ("stream_and_normalize", "read and normalize"),
    ("resolve", "deduplicate"),
    ("prepare_leads", "score and tag"),
    ("stage_blocks", "cut into blocks"),
    ("archive", "archive"),
];

/// What was shown so far.
#[derive(Debug)]
pub(super) struct Stages {
    all: MultiProgress,
    bars: Vec<ProgressBar>,
    /// Number of the stage that was shown last.
    at: usize,
    entered: Option<usize>,
    terminal: bool,
}

impl Default for Stages {
    fn default() -> Self {
        let all = MultiProgress::new();
        let terminal = !all.is_hidden();
        Self { all, bars: Vec::new(), at: 0, entered: None, terminal }
    }
}

impl Stages {
    /// Shows how far the upload is.
    pub(super) fn show(&mut self, upload: &Upload) {
        let Some(progress) = &upload.progress else { return };
        let at = STAGES.iter().position(|(name, _)| *name == progress.stage).unwrap_or(STAGES.len());
        self.enter(at);
        if at == 1
            && let Some(bar) = self.bars.get(1)
        {
            // Half of the work is reading, the other normalizing.
            let half = |done: u64, of: u64| (500 * done.min(of)).checked_div(of).unwrap_or(0);
            bar.set_position(
                half(progress.bytes_read, progress.bytes_total)
                    + half(progress.rows_normalized, progress.rows_read),
            );
            bar.set_message(format!("{} rows", progress.rows_read));
        }
    }

    /// Shows the end.
    pub(super) fn finish(&mut self, upload: &Upload) {
        if upload.status == "completed" {
            self.enter(STAGES.len());
        }
        for bar in &self.bars {
            if !bar.is_finished() {
                bar.abandon();
            }
        }
    }

    /// Every stage before `at` is done, `at` is in hand.
    fn enter(&mut self, at: usize) {
        if self.terminal && self.bars.is_empty() {
            self.bars = STAGES.iter().map(|(_, words)| self.bar(words)).collect();
        }
        for (number, (_, words)) in STAGES.iter().enumerate().take(at).skip(self.at) {
            match self.bars.get(number) {
                Some(bar) => {
                    bar.set_position(1_000);
                    bar.disable_steady_tick();
                    bar.finish();
                }
                None => speak::note(format!("  done: {words}")),
            }
        }
        if let Some(bar) = self.bars.get(at)
            && self.entered != Some(at)
        {
            bar.reset_elapsed();
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        self.entered = Some(at);
        self.at = self.at.max(at);
    }

    /// A bar that belongs to the others from the beginning: one that is drawn before leaves a line behind.
    #[expect(clippy::literal_string_with_formatting_args, reason = "the language of indicatif's templates")]
    fn bar(&self, words: &'static str) -> ProgressBar {
        let bar = self.all.add(ProgressBar::new(1_000));
        let style = ProgressStyle::with_template("  {spinner} {prefix:20} {bar:32} {elapsed:>4}  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        bar.set_prefix(words);
        bar
    }
}
