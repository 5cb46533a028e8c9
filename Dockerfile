# The command in a container:
#   docker build -t difpy .
#   docker run --rm -v "$HOME/Pictures:/pictures:ro" -v difpy:/data difpy find /pictures
# Pictures are mounted read-only; what difPy remembers is in the volume /data. To act, leave out :ro, and run it as
# yourself: --user "$(id -u):$(id -g)", with a folder of your own for /data.
FROM python:3.13-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY tools/compile.py tools/
COPY src src
RUN pip wheel --no-cache-dir --wheel-dir /wheels ".[raw,jxl,formats,metadata]"

FROM python:3.13-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels "difPy[raw,jxl,formats,metadata]" \
    && useradd --uid 1000 --create-home difpy \
    && install -d -m 700 -o difpy -g difpy /data /data/cache /data/state /data/config
ENV DIFPY_CACHE_DIR=/data/cache DIFPY_STATE_DIR=/data/state DIFPY_CONFIG_DIR=/data/config
USER difpy
VOLUME ["/pictures", "/data"]
WORKDIR /pictures
ENTRYPOINT ["difpy"]
CMD ["find", "/pictures"]
