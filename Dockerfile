# Starling in a container: the locked, hash-checked libraries, a user without rights, a health check.
# docs/operating.md, "In a container", says how to run it and what of it could not be tried.
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/starling
COPY requirements/run.txt requirements/run.txt
RUN /opt/starling/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY bot bot
COPY adapters adapters
COPY core core
RUN /opt/starling/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --no-index .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/starling starling
COPY --from=build /opt/starling /opt/starling
ENV PATH=/opt/starling/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    STARLING_DATABASE__URL=sqlite:////var/lib/starling/starling.db \
    STARLING_HEALTH__ENABLED=true
USER starling
WORKDIR /var/lib/starling
VOLUME /var/lib/starling
STOPSIGNAL SIGTERM
# Ready: database, clock and every platform of this process. A connection that is being renewed is no illness.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=4 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8321/readyz', timeout=4)"]
ENTRYPOINT ["starling"]
CMD ["run"]
