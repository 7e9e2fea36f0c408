# See docker/ci/engine. No syntax line and nothing from a registry: these are built where none can be reached.
FROM standin/debian AS runtime
COPY jdk /opt/java/openjdk
ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

FROM runtime AS build
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends openssl && rm -rf /var/lib/apt/lists/*
COPY maven/home /usr/share/maven
COPY maven/m2 /root/.m2
COPY maven/cacerts /opt/java/openjdk/lib/security/cacerts
RUN ln -s /usr/share/maven/bin/mvn /usr/local/bin/mvn

FROM standin/debian AS redis
# With the ids that the user has in the official images.
RUN groupadd --system --gid 1000 redis && useradd --system --uid 999 --gid redis --home-dir /var/lib/redis redis \
    && apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends redis-server \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o redis /data
USER redis
WORKDIR /data
CMD ["redis-server"]

FROM runtime AS kafka
RUN useradd -u 1000 -m appuser \
    && install -d -o appuser /opt/kafka/config /mnt/shared/config /var/lib/kafka/data
COPY kafka/libs /opt/kafka/libs
COPY kafka/run kafka/server.properties kafka/log4j2.yaml kafka/tools-log4j2.yaml /etc/kafka/docker/
USER appuser
CMD ["/etc/kafka/docker/run"]
