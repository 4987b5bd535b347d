# shellcheck shell=bash disable=SC2154 # who sources it has here and work
# What run and native build besides the module: the peer, and the program that
# uses the device. Sourced.

# Where Debian keeps the sources of Go's packages: nothing is fetched.
GO_PACKAGES=/usr/share/gocode/src

build_peer() {
	mkdir -p "$work/go"
	cp "$here"/go/*.go "$work/go/"
	cat >"$work/go/go.mod" <<-END
		module chanpat/bench

		go 1.19

		require golang.org/x/sync v0.0.0

		replace golang.org/x/sync => $GO_PACKAGES/golang.org/x/sync
	END
	(cd "$work/go" && env CGO_ENABLED=0 GOFLAGS=-mod=mod GOPROXY=off \
		GOCACHE="$work/go-cache" go build -o "$work/peer" .)
}

build_device() {
	cc -O2 -Wall -Werror -static -o "$work/device" "$here/device/main.c"
}
