# The image of every process of Alio: web, live, worker, beat, dispatcher, and all of manage.py. See docs/operations.md.
# Build it with BuildKit (Docker 23 or newer) or buildah: `docker compose build`.

ARG PYTHON_IMAGE=python:3.13-slim-trixie
ARG NODE_IMAGE=node:24.19-trixie-slim

# -- Twilio's Voice SDK, as `make twilio-sdk` fetches it ------------------------------------------
FROM ${NODE_IMAGE} AS voice-sdk
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund

# -- what Alio runs on: hashes of every package, none of a checkout's own servers ----------------
FROM ${PYTHON_IMAGE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/alio
COPY requirements/base.txt /tmp/base.txt
RUN /opt/alio/bin/python -m pip install --require-hashes --only-binary :all: --requirement /tmp/base.txt && \
    /opt/alio/bin/python -m pip uninstall --yes pip

# -- the code, with everything made that can be made before it runs ------------------------------
FROM packages AS code
WORKDIR /srv/alio
COPY . .
COPY --from=voice-sdk /src/node_modules/@twilio/voice-sdk/dist node_modules/@twilio/voice-sdk/dist
# The settings need a key and addresses to load; these are used for nothing and stay in no layer.
RUN for catalogue in locale/*/LC_MESSAGES/*.po; do \
        /opt/alio/bin/python -m babel.messages.frontend --quiet compile \
            --input-file "$catalogue" --output-file "${catalogue%.po}.mo" || exit 1; \
    done && \
    SECRET_KEY=used-only-while-the-image-is-built DEBUG=off \
        /opt/alio/bin/python manage.py collectstatic --no-input --verbosity 0 && \
    rm -r requirements package.json package-lock.json .npmrc && \
    /opt/alio/bin/python -m compileall -q --invalidation-mode unchecked-hash . && \
    mkdir -p var/media var/spool

# -- what is delivered ---------------------------------------------------------------------------
FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="Alio" \
      org.opencontainers.image.description="Self-hosted system for outsourced telephone answering" \
      org.opencontainers.image.licenses="AGPL-3.0-or-later"
ENV PATH=/opt/alio/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
RUN groupadd --gid 10001 alio && \
    useradd --uid 10001 --gid alio --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin alio
WORKDIR /srv/alio
COPY --from=packages /opt/alio /opt/alio
COPY --from=code /srv/alio /srv/alio
# All that Alio writes; a new named volume takes its owner from here.
RUN chown -R alio:alio var && chmod 0750 var/media var/spool

USER 10001:10001
EXPOSE 8000 8001
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
    CMD ["python", "-m", "answering.runtime.probe", "http://127.0.0.1:8000/healthz"]
CMD ["python", "-m", "granian", "--no-ws", "--log-level", "warning", "--workers-kill-timeout", "20", \
     "--respawn-failed-workers", "--host", "0.0.0.0", "--interface", "wsgi", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "answering.wsgi:application"]
