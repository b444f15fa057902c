# PetSage in a container. Builds with BuildKit and with the classic builder; needs the network for pip only.
#
#   docker build -t petsage .
#   docker run --rm --read-only --tmpfs /tmp --cap-drop ALL -p 8080:8080 petsage

ARG PYTHON_IMAGE=python:3.13-slim
# Every file added bears this time, the earliest that a zip archive can hold: rebuilt, a layer is the same to the byte.
ARG SOURCE_DATE_EPOCH=315532800

# What PetSage needs, as an environment in /opt/petsage. Versions and hashes are those of locks/, with which alone this
# layer changes.
FROM ${PYTHON_IMAGE} AS dependencies
# Extras of pyproject.toml, each with a lock locks/image-EXTRA.txt: uvloop, Swagger UI, and the driver that lets checks log in to
# PostgreSQL.
ARG PETSAGE_EXTRAS=speed,docs,postgres
# Another package index than pip's own (--build-arg PIP_INDEX_URL); pip reads it from the environment.
ARG PIP_INDEX_URL
ARG SOURCE_DATE_EPOCH
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PYTHONHASHSEED=0
WORKDIR /build
# Unpinned: any version of strip will do, and Debian's archive keeps only the newest.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
COPY locks/build.txt locks/image*.txt ./
RUN python -m venv /tools \
    && /tools/bin/pip install --only-binary=:all: --require-hashes --requirement build.txt \
    && set -- --requirement image.txt \
    && IFS=, && for extra in ${PETSAGE_EXTRAS}; do set -- "$@" --requirement "image-${extra}.txt"; done \
    && python -m venv --without-pip /opt/petsage \
    && /tools/bin/pip --python /opt/petsage/bin/python install --only-binary=:all: --no-compile --require-hashes "$@"
# Left out of the wheels: debug symbols (half of all), C sources, source maps, test suites.
# Compiled: without .pyc every start takes most of a second more; unchecked, since nothing here is ever edited.
RUN find /opt/petsage \( -name '*.c' -o -name '*.h' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.map' \) -delete \
    && find /opt/petsage -type d -name tests -prune -exec rm -r {} + \
    && find /opt/petsage -name '*.so' -exec strip --strip-debug {} + \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/petsage/lib \
    && mkdir -p /layer/opt \
    && cp -a /opt/petsage /layer/opt/petsage \
    && find /layer -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

# PetSage itself, to be laid over that environment: a layer of one or two megabytes.
FROM dependencies AS application
ARG SOURCE_DATE_EPOCH
COPY pyproject.toml README.md LICENSE ./
COPY scripts scripts
COPY petsage petsage
RUN /tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /tools/bin/pip --python /opt/petsage/bin/python install --no-deps --no-index --find-links /wheels --no-compile \
        --prefix /application/opt/petsage petsage \
    && python -m compileall -q --invalidation-mode unchecked-hash -s /application -p / /application/opt/petsage/lib \
    && mkdir -p /application/srv/petsage \
    && find /application -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

FROM ${PYTHON_IMAGE}
ENV PATH=/opt/petsage/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Copied onto / and not onto /opt/petsage: the folder named as the target would bear the time of the build.
COPY --from=dependencies /layer /
COPY --from=application /application /

# config.yml and features/ are looked for here; without them the defaults hold.
WORKDIR /srv/petsage
# A number, so that Kubernetes' runAsNonRoot can check it; the user needs no name and owns no file.
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM

# What the healthcheck asks: liveness, since an engine that acts on it replaces the container, which mends no database.
# Change it here, or with `docker run --env`, when server.port changes.
ENV PETSAGE_PROBE_URL=http://127.0.0.1:8080/livez
# interval      a probe costs about 20 ms of CPU: a failure is known within 5 s
# timeout       above the probe's own deadline of 2 s, so that its line about a server that hangs is kept
# start-period  above server.start_timeout (30 s): a failure before that is no verdict; a success ends it at once
# retries       one lost answer is not an outage: unhealthy after 3 failures, 10 to 18 s after the first
HEALTHCHECK --interval=5s --timeout=3s --start-period=40s --retries=3 CMD ["petsage-probe"]
CMD ["petsage", "serve"]

# Last, so that no layer above depends on them: what was built (a tag, a build number), and where its source is.
ARG PETSAGE_RELEASE=unreleased
ARG PETSAGE_SOURCE
ENV PETSAGE_RELEASE=${PETSAGE_RELEASE}
LABEL org.opencontainers.image.title="PetSage" \
      org.opencontainers.image.description="An aiohttp server whose features are dropped in" \
      org.opencontainers.image.version="${PETSAGE_RELEASE}" \
      org.opencontainers.image.source="${PETSAGE_SOURCE}" \
      org.opencontainers.image.licenses="MIT"
