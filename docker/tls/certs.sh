#!/bin/bash
# A CA, and for each service what it needs, once: a certificate of its own for Kafka's nodes and for Redis, and for the application
# a trust store and the client settings of the commands. Each folder is a volume that one service mounts; keys and passwords
# are readable for that service's user alone.
set -euo pipefail
cd "${CERTS:-/certs}"
[[ ! -f app/client.properties ]] || exit 0
umask 077
made=$(mktemp -d)

certificate() { # FOLDER NAMES
  openssl req -newkey rsa:2048 -noenc -subj "/CN=exactly-once-pipeline $1" -keyout "$1/server.key" -out "$made/server.csr"
  openssl x509 -req -in "$made/server.csr" -CA "$made/ca.pem" -CAkey "$made/ca.key" -CAcreateserial -days 825 -out "$1/server.crt" \
    -extfile <(echo "subjectAltName=$2,DNS:localhost,IP:127.0.0.1")
}

openssl req -x509 -newkey rsa:2048 -noenc -days 3650 -subj "/CN=exactly-once-pipeline CA" -keyout "$made/ca.key" -out "$made/ca.pem"
certificate kafka DNS:kafka-1,DNS:kafka-2,DNS:kafka-3
certificate redis DNS:redis
rm "$made/ca.key"
for folder in kafka redis app; do
  install -m 444 "$made/ca.pem" "$folder/ca.pem"
done
cat kafka/server.key kafka/server.crt "$made/ca.pem" > kafka/server.pem
keytool -importcert -noprompt -alias ca -file "$made/ca.pem" -keystore app/trust.p12 -storetype PKCS12 -storepass public
cat > app/client.partial <<END
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="pipeline" password="$KAFKA_PASSWORD";
ssl.truststore.type=PEM
ssl.truststore.location=/certs/ca.pem
END
# The users of the images; where Redis runs as root, that reads its key too.
chown -R 1000 kafka
chown -R 999 redis
chown -R 10001 app
chmod 755 kafka redis app
mv app/client.partial app/client.properties
