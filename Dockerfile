# One image for every process: `docker run IMAGE up`, `serve`, `worker io`, `worker gpu`, `worker beat`.
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

FROM ${PYTHON}
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
USER gavel
WORKDIR /data
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["gavel"]
CMD ["up", "--host", "0.0.0.0"]
