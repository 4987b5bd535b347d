# shellcheck shell=dash
# The binary format as programs of 32 bits use it, on the same kernel.
RECORDS=records32
TESTS=${0%/*}/records.sh
# shellcheck source=tests/e2e/records.sh
. "${0%/*}/records.sh"
