# Built in two steps, so that neither Node nor the tools of developers reach the image that runs.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
# The lock file first: packages are installed again only when it changes.
COPY requirements.lock pyproject.toml README.md LICENSE package.json package-lock.json .npmrc ./
COPY tools/bootstrap.py tools/
COPY src/quarterdeck/__init__.py src/quarterdeck/
RUN python tools/bootstrap.py
# Of the lock only what the application itself needs, in the same versions and with the same digests.
RUN .venv/bin/uv pip compile --quiet --generate-hashes --no-header --constraint requirements.lock \
        --output-file runtime.lock pyproject.toml \
    && .venv/bin/uv venv --quiet /opt/quarterdeck \
    && VIRTUAL_ENV=/opt/quarterdeck .venv/bin/uv pip sync --quiet --require-hashes --compile-bytecode runtime.lock
COPY frontend frontend
COPY src src
RUN .venv/bin/python frontend/build.py \
    && VIRTUAL_ENV=/opt/quarterdeck .venv/bin/uv pip install --quiet --no-deps --compile-bytecode .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin quarterdeck \
    && install --directory --owner=quarterdeck --mode=0700 /data
COPY --from=build /opt/quarterdeck /opt/quarterdeck
COPY --chmod=0755 <<'HEALTHY' /usr/local/bin/quarterdeck-healthy
#!/usr/local/bin/python3
import sys
import urllib.request
urllib.request.urlopen(sys.argv[1], timeout=4)
HEALTHY
ENV PATH=/opt/quarterdeck/bin:$PATH PYTHONUNBUFFERED=1 QUARTERDECK_DATA=/data
USER quarterdeck
VOLUME /data
EXPOSE 8000
# By itself it brings its own database along, in /data.
ENV QUARTERDECK_HOST=0.0.0.0
CMD ["quarterdeck", "up"]
