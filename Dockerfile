# drill with all it needs on the embedded runtime. Pack it first:
#   npm ci && npm pack && docker build -t dr-drill .
#   docker run --rm -v "$PWD:/work" --user "$(id -u):$(id -g)" -e HOME=/tmp dr-drill run drills/
ARG NODE=node:24-bookworm-slim
FROM ${NODE}
COPY dr-drill-*.tgz /tmp/
RUN npm install --global --no-audit --no-fund /tmp/dr-drill-*.tgz && rm /tmp/dr-drill-*.tgz
USER node
WORKDIR /work
ENTRYPOINT ["drill"]
