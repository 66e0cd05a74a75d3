# The static binary on nothing but certificates and a user without rights.
#
#   docker build -t keystrel .
#   docker run --rm -v "$PWD:/work:ro" keystrel scan .
#
# Releases use the binaries that were built already: docker buildx build --build-context build=dist, where
# dist/out/keystrel-ARCH are.
FROM rust:1.95.0-alpine3.22 AS build
ARG TARGETARCH
RUN apk add --no-cache build-base=~0.5 cmake=~3.31 perl=~5
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked && install -D target/release/keystrel "/out/keystrel-${TARGETARCH}"

FROM gcr.io/distroless/static-debian12:nonroot
ARG TARGETARCH
COPY --from=build --chmod=0555 /out/keystrel-${TARGETARCH} /usr/bin/keystrel
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["/usr/bin/keystrel"]
CMD ["scan", "."]
