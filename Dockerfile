# One image for every part of the service: the web half by default, `participate worker` and `participate migrate` by command.
FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/participate
ENV PATH=/opt/participate/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# The dependencies first: they change less often than the code, so their layer is seldom built again.
COPY requirements.lock ./
RUN pip install --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY participate ./participate
RUN pip install --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home --home-dir /data participate
COPY --from=build /opt/participate /opt/participate
ENV PATH=/opt/participate/bin:$PATH PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 PORT=8000 PARTICIPATE_DATA_DIR=/data/var MEDIA_URL=/data/uploads
USER participate
WORKDIR /data
# Made here, so that fresh volumes laid over them belong to the service's user.
RUN mkdir var uploads
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/readyz', timeout=3)"]
CMD ["participate", "web"]
