# One recipe for all four processes; MODULE says which:
#   mvn -DskipTests package
#   docker build --build-arg MODULE=orchestrator-service -t espalier/orchestrator-service:0.1.0 .
# The jar is built outside, so that an image holds what the tests saw.
ARG JAVA_IMAGE=eclipse-temurin:25-jre

FROM ${JAVA_IMAGE} AS layers
ARG MODULE
WORKDIR /build
COPY ${MODULE}/target/${MODULE}-*-exec.jar application.jar
RUN java -Djarmode=tools -jar application.jar extract --layers --launcher --destination extracted

FROM ${JAVA_IMAGE}
# A number, so that Kubernetes can see that it is not root; the embedded PostgreSQL would refuse to run as root too.
RUN groupadd --gid 10001 espalier \
 && useradd --uid 10001 --gid 10001 --home-dir /var/lib/espalier --create-home espalier
WORKDIR /opt/espalier
# What changes least comes first, so that an update moves only the last layer.
COPY --from=layers /build/extracted/dependencies/ ./
COPY --from=layers /build/extracted/spring-boot-loader/ ./
COPY --from=layers /build/extracted/snapshot-dependencies/ ./
COPY --from=layers /build/extracted/application/ ./
USER 10001
# DJL unpacks its native libraries once; idle OpenMP threads sleep instead of spinning.
ENV HOME=/var/lib/espalier \
    DJL_CACHE_DIR=/var/lib/espalier/djl \
    OMP_WAIT_POLICY=PASSIVE \
    JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=60 --enable-native-access=ALL-UNNAMED -XX:+ExitOnOutOfMemoryError"
VOLUME /var/lib/espalier
ENTRYPOINT ["java", "org.springframework.boot.loader.launch.JarLauncher"]
