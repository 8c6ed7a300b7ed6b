# One image for every process: `docker run IMAGE up`, `serve`, `worker io`, `worker gpu`, `worker beat`.
# Smaller ones for a fleet, by `docker build --target NAME`: `bot` and `worker-io`, which have no
# model's libraries in them, `worker-gpu` and `action`. All run as a user without rights, on a file
# system that may be read-only but for /data and /tmp.
# Where torch should come from an index of processor-only builds, pass it on:
#   docker build --build-arg PIP_EXTRA_INDEX_URL=... .
ARG PYTHON=python:3.12.11-slim-bookworm@sha256:519591d6871b7bc437060736b9f7456b8731f1499a57e22e6c285135ae657bf7

FROM ${PYTHON} AS build
ARG PIP_EXTRA_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/gavel
WORKDIR /build
# The dependencies are a layer of their own: a change of the code does not load them again.
COPY requirements.lock pyproject.toml ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], 'setuptools', sep='\n')" > runtime.txt \
    && /opt/gavel/bin/python -m pip install -r runtime.txt -c requirements.lock
COPY README.md LICENSE ./
COPY bot ./bot
COPY worker ./worker
COPY judge ./judge
RUN /opt/gavel/bin/python -m pip install --no-deps --no-build-isolation .

# What the receiver and the io worker import: everything but the libraries of models.
FROM ${PYTHON} AS build-light
ARG PIP_EXTRA_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/gavel
WORKDIR /build
COPY requirements.lock pyproject.toml ./
COPY deploy/without-models.py ./deploy/
RUN python deploy/without-models.py pyproject.toml > runtime.txt \
    && /opt/gavel/bin/python -m pip install -r runtime.txt -c requirements.lock
COPY README.md LICENSE ./
COPY bot ./bot
COPY worker ./worker
COPY judge ./judge
RUN /opt/gavel/bin/python -m pip install --no-deps --no-build-isolation .

FROM ${PYTHON} AS light
RUN useradd --create-home --uid 1000 gavel \
    && install -d -o gavel -g gavel /data
COPY --from=build-light /opt/gavel /opt/gavel
ENV PATH=/opt/gavel/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GAVEL_HOME=/data
USER 1000
WORKDIR /data
ENTRYPOINT ["gavel"]

FROM light AS bot
EXPOSE 8000
CMD ["serve", "--host", "0.0.0.0"]

FROM light AS worker-io
CMD ["worker", "io"]

FROM ${PYTHON} AS whole
# git reads the changes of `gavel review`.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 gavel \
    && install -d -o gavel -g gavel /data
COPY --from=build /opt/gavel /opt/gavel
ENV PATH=/opt/gavel/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GAVEL_HOME=/data
USER 1000
WORKDIR /data
ENTRYPOINT ["gavel"]

FROM whole AS worker-gpu
CMD ["worker", "gpu"]

FROM whole AS action
CMD ["action"]

FROM whole AS all
VOLUME /data
EXPOSE 8000
CMD ["up", "--host", "0.0.0.0"]
