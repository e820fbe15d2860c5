# Sidan for docker-compose.yml: every role is this image with another command.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

# What changes seldom comes first, so that a change of code builds in seconds.
COPY requirements-app.lock .
RUN pip install --require-hashes --requirement requirements-app.lock

COPY pyproject.toml LICENSE ./
COPY domain domain
COPY services services
COPY projections projections
COPY adapters adapters
RUN pip install --no-deps --no-build-isolation --editable . \
 && useradd --create-home --uid 10001 sidan \
 && install --directory --owner sidan --mode 700 /keys
USER sidan

EXPOSE 8000
ENTRYPOINT ["sidan"]
CMD ["serve", "--host", "0.0.0.0"]
