# Three stages: what compiles, what runs, and the image with neither compiler nor package manager state.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY stubs stubs
# No package needs an install script: the database driver carries its prebuilt binaries.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY stubs stubs
# The database driver also brings its own source and its binaries for other systems: 25 MB.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && cd node_modules/better-sqlite3 && rm -rf deps src \
 && find prebuilds -type f ! -name 'linux-*' -delete

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Footbridge" \
      org.opencontainers.image.description="Joins Matrix and the fediverse" \
      org.opencontainers.image.licenses="Apache-2.0"
# Inside of a container 127.0.0.1 is nobody's; what is published is decided outside. The allocator of
# the C library would keep a heap for each of a dozen threads and give nothing back.
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=1 \
    MALLOC_TRIM_THRESHOLD_=131072 \
    FOOTBRIDGE_APPSERVICE_BIND=0.0.0.0 \
    FOOTBRIDGE_ACTIVITYPUB_BIND=0.0.0.0
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY stubs stubs
COPY bin bin
COPY package.json LICENSE config.sample.yaml ./
RUN ln -s /app/bin/footbridge.js /usr/local/bin/footbridge \
 && mkdir /data && chown node:node /data
# Configuration and database; a relative path of either begins here.
WORKDIR /data
VOLUME /data
USER node
# 8710: the homeserver. 8711: the fediverse, by way of a reverse proxy.
EXPOSE 8710 8711
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 \
    CMD ["node", "/app/bin/footbridge.js", "health"]
ENTRYPOINT ["node", "/app/bin/footbridge.js"]
CMD ["run"]
