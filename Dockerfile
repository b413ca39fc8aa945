# The collector's image: docker build --build-arg REVISION=$(git rev-parse HEAD) --tag union-collector .
#
# python:3.12-slim, as vl-convert, psycopg, pydantic-core and argon2 come as wheels for glibc and not all for musl
# (Alpine), as slim leaves out the compilers that wheels do not need, and as Python 3.12 is mended until October 2028.
# A mirror, or one build of it for ever: --build-arg PYTHON=registry.example.org/python:3.12-slim@sha256:...
ARG PYTHON=python:3.12-slim

# ---- the program as a wheel
FROM ${PYTHON} AS wheel
WORKDIR /source
COPY pyproject.toml README.md ./
COPY collector collector
COPY storage storage
COPY migrations migrations
# Who has a package index of his own names it in a file that no layer keeps: --secret id=pip_conf,src=pip.conf
RUN --mount=type=secret,id=pip_conf,target=/etc/pip.conf \
    python -m pip wheel --quiet --no-cache-dir --no-deps --wheel-dir /wheel .

# ---- what runs, in a virtual environment; neither pip nor setuptools is in it
FROM ${PYTHON} AS installed
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
# hadolint ignore=DL3008
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends binutils fonts-dejavu-core >/dev/null \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# The dependencies before the program: they change less often, and the engine then has their layer already.
COPY pyproject.toml constraints.txt ./
RUN --mount=type=secret,id=pip_conf,target=/etc/pip.conf \
    python -m venv --without-pip /opt/collector \
    && python -c "import tomllib; of = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
       print(*of['dependencies'], *of['optional-dependencies']['sentry'], sep='\n')" > requirements.txt \
    && python -m pip --python /opt/collector/bin/python install --quiet --no-compile --only-binary :all: \
       --constraint constraints.txt --requirement requirements.txt
# 55 MB that nobody asks for: languages other than Russian and English, calendars of other countries (each process that
# asked for Russia's would load all 250: 7 MB of memory), libraries' own tests, colours for sources in 500 programming
# languages, and the debug symbols of extensions. Not of those in *.libs, whose layout was changed after linking: strip
# would break them.
RUN find /opt/collector -path '*/babel/locale-data/*.dat' \
       ! -name 'root.dat' ! -name 'ru*.dat' ! -name 'en*.dat' -delete \
    && find /opt/collector -path '*/holidays/locale/*' -name '*.mo' ! -path '*/ru/*' ! -path '*/en_US/*' -delete \
    && find /opt/collector -path '*/holidays/countries/*.py' ! -name russia.py ! -name __init__.py -delete \
    && echo 'from holidays.countries.russia import *' > "$(echo /opt/collector/lib/python*/site-packages/holidays/countries)/__init__.py" \
    && find /opt/collector -path '*/site-packages/*' -type d \( -name tests -o -name testing \) -prune -exec rm -r {} + \
    && find /opt/collector -path '*/pygments/lexers/*.py' ! -name '__init__.py' ! -name '_mapping.py' -delete \
    && find /opt/collector -name '*.so' ! -path '*.libs/*' -exec strip --strip-unneeded {} +
COPY --from=wheel /wheel /wheel
COPY scripts/image/compile_imports.py ./
RUN python -m pip --python /opt/collector/bin/python install --quiet --no-compile --no-index --no-deps /wheel/*.whl \
    # Without the columns that a traceback underlines: a fifth of the byte code, on disk and in memory.
    && PYTHONNODEBUGRANGES=1 /opt/collector/bin/python compile_imports.py

# ---- the image
FROM ${PYTHON}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="union-collector" \
      org.opencontainers.image.description="Collects follower counts and posts of union communities on VK and Facebook into a time series" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Whom volumes belong to: a number that no base image gives to anybody else. /data must exist for a new volume to
# take over whose it is.
RUN groupadd --gid 10001 collector \
    && useradd --uid 10001 --gid collector --home-dir /data --no-create-home --shell /usr/sbin/nologin collector \
    && install --directory --owner=collector --group=collector --mode=0750 /data
# Charts are drawn with them; without, Cyrillic would be boxes.
COPY --from=installed /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf /usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf \
     /usr/share/fonts/truetype/dejavu/
# An example to start from, and what `compose --profile try` collects.
COPY config/branches.mgo.yaml config/contest.yaml config/followers-2017-2018.csv /usr/share/collector/
COPY --from=installed /opt/collector /opt/collector
# glibc keeps memory for each thread, and for later: a daemon that works for a second in an hour gives it back (MALLOC_).
ENV PATH=/opt/collector/bin:$PATH \
    MALLOC_ARENA_MAX=1 \
    MALLOC_MMAP_THRESHOLD_=131072 \
    MALLOC_TRIM_THRESHOLD_=131072 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONNODEBUGRANGES=1 \
    PYTHONUNBUFFERED=1 \
    COLLECTOR_DATABASE_URL=sqlite:////data/collector.db \
    COLLECTOR_BRANCHES_FILE=/config/branches.yaml \
    COLLECTOR_WEB__USERS_FILE=/data/users.json \
    COLLECTOR_OPS__LISTEN=0.0.0.0:9464 \
    COLLECTOR_LOG__FORMAT=json
WORKDIR /data
VOLUME /data
USER 10001:10001
STOPSIGNAL SIGTERM
# Each look is a process that takes 0.3 s of a core. Failures are forgiven for as long as a first round may take.
HEALTHCHECK --interval=15s --timeout=10s --start-period=5m --retries=3 CMD ["collector", "health"]
ENTRYPOINT ["collector"]
CMD ["run"]
