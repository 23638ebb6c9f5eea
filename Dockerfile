FROM python:3.11-slim

# An index that offers a CPU-only torch saves several GB: docker build --build-arg PIP_EXTRA_INDEX_URL=...
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1

RUN useradd --create-home --uid 1000 triptych && install -d -o triptych -g triptych /data
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY common common
COPY agent agent
COPY retrievers retrievers
COPY generators generators
COPY ui ui
COPY evals evals
COPY experiments experiments
RUN pip install -c constraints.txt ".[charts,speech,diagrams,export,heic,server,postgres]"
COPY examples/corpus examples/corpus

# Beyond the container it listens only with a password or key, or with TRIPTYCH_OPEN=true where its port is published to
# this machine alone: docker run -p 127.0.0.1:7860:7860 -e TRIPTYCH_OPEN=true ...
USER triptych
ENV TRIPTYCH_DATA_DIR=/data TRIPTYCH_HOST=0.0.0.0
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 7860), 4).close()"]
CMD ["triptych", "serve", "--no-browser", "--corpus-from", "examples/corpus", "--corpus", "sample"]
