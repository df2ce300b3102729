//! The real worker, for tests that kill it. It is configured as `refinery worker` is, and also ends when its input
//! does, so that it never outlives the test.

use std::io::Read as _;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

fn main() -> Result<()> {
    std::thread::spawn(|| {
        // Whoever started it never writes: a byte, an end or an error all mean that nobody is there any more.
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("REFINERY_TEST_WORKER_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let mut config = worker::Config::from_env()?;
    tests::vendors::shorten_waits(&mut config.vendor_policy)?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.thread_stack_size(worker::STACK_BYTES).enable_all().build()?;
    runtime.block_on(worker::run(config, CancellationToken::new()))?;
    Ok(())
}
