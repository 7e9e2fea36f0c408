#!/bin/bash
# A stream of payments into the topic: LOAD_RATE a second, 0 as fast as it goes; LOAD_LIMIT payments, 0 for ever; and
# LOAD_DUPLICATES of them twice. Further arguments go to the load command, whose exit status counts: at the limit it stops
# reading, and what writes to it ends by SIGPIPE.
run=$(date +%s)
awk -v run="$run" 'BEGIN {
  for (i = 1; ; i++)
    printf "{\"id\":\"%s-%d\",\"debtor\":\"account-%d\",\"creditor\":\"account-%d\",\"cents\":%d,\"currency\":\"EUR\"}\n",
      run, i, i * 31 % 1000, (i * 31 + 7) % 1000, i % 997 == 0 ? 2000000 : 100 + i % 9900
}' | ./run.sh load --topic payments \
  --format ndjson --id-field id --key-field debtor --rate "${LOAD_RATE:-1000}" --limit "${LOAD_LIMIT:-0}" \
  --duplicates "${LOAD_DUPLICATES:-10%}" "$@"
