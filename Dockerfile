# One image for all workers and commands: docker run yibao:local worker settlement
# 全部工作进程与命令共用一个镜像。

FROM python:3.13-slim AS build
# Another package index, where the default one is slow: --build-arg PIP_INDEX_URL=https://...  / 可换软件源
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY constraints.txt ./
RUN pip install -c constraints.txt hatchling
COPY . .
# The wheel, as an auditor would install it, not the checkout. Wheels only: nothing is compiled here or later.
RUN pip wheel --no-deps --no-build-isolation -w /wheels . \
    && python -m venv --without-pip /opt/yibao \
    && pip --python /opt/yibao/bin/python install --only-binary=:all: -c constraints.txt \
       "yibao[services] @ file://$(echo /wheels/yibao-*.whl)"

FROM python:3.13-slim
# Nothing that installs or builds stays, and nobody is root.
RUN pip uninstall --yes --root-user-action=ignore pip \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin yibao \
    && install --directory --owner=10001 --group=10001 /kept
COPY --from=build /opt/yibao /opt/yibao
ENV PATH=/opt/yibao/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1
WORKDIR /opt/yibao
USER 10001:10001
ENTRYPOINT ["yibao"]
CMD ["--help"]
