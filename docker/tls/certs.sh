#!/bin/bash
# A CA and one certificate for all servers of compose.yml, once; a trust store for the JVM; and the client settings of the
# commands load and audit. Readable for all, since each container has a user of its own: the volume is mounted by these alone.
set -euo pipefail
cd /certs
[[ ! -f client.properties ]] || exit 0

openssl req -x509 -newkey rsa:2048 -noenc -days 3650 -subj "/CN=exactly-once-pipeline CA" -keyout ca.key -out ca.pem
openssl req -newkey rsa:2048 -noenc -subj "/CN=exactly-once-pipeline" -keyout server.key -out server.csr
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 825 -out server.crt \
  -extfile <(echo "subjectAltName=DNS:kafka-1,DNS:kafka-2,DNS:kafka-3,DNS:redis,DNS:localhost,IP:127.0.0.1")
rm ca.key server.csr
cat server.key server.crt ca.pem > server.pem
keytool -importcert -noprompt -alias ca -file ca.pem -keystore trust.p12 -storetype PKCS12 -storepass public
cat > client.partial <<END
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="pipeline" password="$KAFKA_PASSWORD";
ssl.truststore.type=PEM
ssl.truststore.location=/certs/ca.pem
END
chmod 644 ./*
mv client.partial client.properties
