# syntax=docker/dockerfile:1
# Builds `refinery`: the API, the worker, migrations and administration in one program.

FROM rust:1.95.0-slim-bookworm AS build
# A C compiler for the cryptography library; nothing else outside Cargo.lock is needed.
RUN apt-get update && apt-get install --yes --no-install-recommends build-essential pkg-config \
    && rm -rf /var/lib/apt/lists/*
# The image's own toolchain is the one that rust-toolchain.toml names, without its extra components.
ENV RUSTUP_TOOLCHAIN=1.95.0
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --profile production --locked --package refinery \
    && install -D target/production/refinery /out/refinery

FROM debian:bookworm-slim
# Certificates for object stores and databases reached over TLS.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin refinery
COPY --from=build /out/refinery /usr/local/bin/refinery
USER 10001
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/refinery"]
CMD ["api"]
