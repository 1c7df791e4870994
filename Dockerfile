# The registry in a container: built with the Rust image, run on a slim Debian by a user that is not root.
#
#   docker build --tag risk-registry .
#   docker run --publish 127.0.0.1:8080:8080 --volume registry-data:/data risk-registry
#
# That is a registry in SQLite. docker-compose.yml sets it up with PostgreSQL.

# One Debian for both stages: the program uses the C library that it was built with.
ARG DEBIAN=trixie

FROM rust:1-slim-${DEBIAN} AS build
# What builds OpenSSL and libpq, which become part of the program.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make perl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build

# The dependencies first, with an empty program in place of ours: this layer is kept until one of them changes.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src tests/it benches \
    && touch src/lib.rs \
    && for file in src/main.rs tests/it/main.rs benches/registry.rs; do echo 'fn main() {}' > "$file" || exit 1; done \
    && cargo build --locked --release --bin risk-registry

# The licences of everything that became part of the program.
RUN mkdir licences \
    && cargo tree --locked --edges normal,build --prefix none --format '{p}' > packages \
    && sort -u packages | while read -r name version _; do \
        for folder in "${CARGO_HOME:?}"/registry/src/*/"$name-${version#v}"; do \
            if [ -d "$folder" ]; then \
                cd "${folder%/*}" \
                && find "${folder##*/}" -maxdepth 2 -type f \
                    \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'copyright*' -o -iname 'notice*' \) \
                    -exec cp --parents --target-directory=/build/licences {} + || exit 1; \
            fi; \
        done; \
    done \
    && tar -czf licences.tar.gz licences

COPY migrations migrations
COPY catalogue catalogue
COPY examples examples
COPY src src
# Files keep their times when they are copied. Where those lie before the layer above, cargo would take the empty program
# for ours.
RUN touch src/main.rs src/lib.rs \
    && cargo build --locked --release --bin risk-registry


FROM debian:${DEBIAN}-slim
LABEL org.opencontainers.image.title="Risk Registry" \
      org.opencontainers.image.description="The system of record for supply-chain risk designations" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"

RUN groupadd --gid 10001 registry \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin registry \
    && install --directory --owner=10001 --group=10001 --mode=700 /data

COPY LICENSE-APACHE LICENSE-MIT docker/LICENSE-libpq /usr/share/doc/risk-registry/
COPY --from=build /build/licences.tar.gz /usr/share/doc/risk-registry/
COPY --from=build /build/target/release/risk-registry /usr/local/bin/

# Inside, every address: what reaches the port is decided where it is published. SQLite sorts what is large in files;
# nothing but the volume may be writable.
ENV LISTEN=0.0.0.0:8080 \
    DATABASE_URL=/data/registry.db \
    SQLITE_TMPDIR=/data
# As a number, so that an orchestrator can tell that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM

# Whether the process lives, not whether its database answers: where an unhealthy container is restarted, a registry
# that waits for its database must not be.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["risk-registry", "health", "--live"]

ENTRYPOINT ["risk-registry"]
CMD ["serve"]
