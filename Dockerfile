# drill with all it needs on the embedded runtime. Pack it first, and build it for the user that it is to run as:
# PostgreSQL looks that one up.
#   npm ci && npm pack && docker build --build-arg USER_ID="$(id -u)" -t dr-drill .
#   docker run --rm -v "$PWD:/work" dr-drill run drills/
ARG NODE=node:24-bookworm-slim
FROM ${NODE}
ARG USER_ID=1000
COPY dr-drill-*.tgz /tmp/
RUN npm install --global --no-audit --no-fund /tmp/dr-drill-*.tgz && rm /tmp/dr-drill-*.tgz
RUN getent passwd "${USER_ID}" || useradd --uid "${USER_ID}" --create-home drill
USER ${USER_ID}
WORKDIR /work
ENTRYPOINT ["drill"]
