#!/bin/sh
# ./run in a made-up tree, with made-up apt, npm, cmake and programs that only write down how they were called.
# usage: run_test.sh ROOT
# shellcheck disable=SC2317  # check() calls the functions that it is given
set -u
root=$(cd -- "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

check() { # check NAME CONDITION...
  name=$1; shift
  if "$@"; then echo "ok    $name"; else echo "FAIL  $name"; failures=$((failures + 1)); cat "$work/out"; fi
}
called() { grep -q -- "$1" "$work/calls"; }
not_called() { ! called "$1"; }
said() { grep -q -- "$1" "$work/out"; }
is() { [ "$1" = "$2" ]; }

fake() { # fake NAME: the rest of a script on stdin; every call is written down first
  { echo '#!/bin/sh'; echo "echo \"${1##*/} \$*\" >>'$work/calls'"; cat; } >"$1"
  chmod +x "$1"
}

bin=$work/bin
tree="$work/a tree"  # a space in the path is nobody's fault
fresh() {
  rm -rf "$bin" "$tree" "$work/installed"
  mkdir -p "$bin" "$tree"
  cp "$root/run" "$tree/run"
  : >"$work/calls"
  : >"$work/installed"
  fake "$bin/id" <<'X'
echo 0
X
  fake "$bin/uname" <<'X'
echo x86_64
X
  fake "$bin/dpkg-query" <<X
while [ "\$1" != -f ]; do shift; done; shift 2
for p; do if grep -qx "\$p" '$work/installed'; then printf '%s=installed ' "\$p"; else printf '%s=not-installed ' "\$p"; fi; done
X
  fake "$bin/apt-get" <<X
case "\$*" in *install*) for p; do echo "\$p" >>'$work/installed'; done ;; esac
X
  fake "$bin/npm" <<'X'
for what; do :; done
while [ "$1" != --pack-destination ]; do shift; done
echo "not what was pinned" >"$2/package.tgz"
X
  fake "$bin/cmake" <<'X'
case "$1" in
  --preset) mkdir -p "build/$2/bin"; : >"build/$2/build.ninja"
    for o; do case $o in -D*) o=${o#-D}; echo "${o%%=*}:BOOL=${o#*=}" >>"build/$2/CMakeCache.txt" ;; esac; done ;;
  --build)
    printf '%s\n' '#!/bin/sh' 'echo $$ >build/demo/pid' 'echo "listening on http://127.0.0.1:4242/3.0"' 'exec sleep 60' >build/release/bin/mailchimp-sim
    printf '%s\n' '#!/bin/sh' 'echo "chimplift $*"' 'mkdir build/demo/archive || exit 99' 'exit 3' >build/release/bin/chimplift
    chmod +x build/release/bin/* ;;
esac
X
  fake "$bin/python3" <<'X'
X
  fake "$bin/ctest" <<'X'
echo "100% tests passed, 0 tests failed out of 7"
X
  # A DuckDB that is there, so that only the tests of fetching fetch.
  mkdir -p "$work/duckdb/include" "$work/duckdb/lib"
  : >"$work/duckdb/include/duckdb.h"
  : >"$work/duckdb/lib/libduckdb.so"
  DUCKDB_ROOT=$work/duckdb
}
run() { (cd / && DUCKDB_ROOT=$DUCKDB_ROOT PATH=$bin:$PATH "$tree/run" "$@") >"$work/out" 2>&1; }

fresh
run demo; status=$?
check 'demo exits as chimplift does' is "$status" 3
check 'demo says what it installs, and why' said 'installing with apt, to build: g++ cmake'
check 'demo hands the address on' said 'chimplift sync --accounts build/demo/accounts.json --api-base http://127.0.0.1:4242/3.0 --archive build/demo/archive'
check 'demo stops the simulator' sh -c "! kill -0 \$(cat '$tree/build/demo/pid') 2>/dev/null"
check 'demo does not build tests' called 'cmake --build build/release --target chimplift mailchimp-sim'
check 'nothing for the tests is installed' not_called 'libgtest-dev'
check 'DUCKDB_ROOT goes to cmake' called "DDUCKDB_ROOT=$work/duckdb"
check 'and nothing is fetched' not_called '^npm'

: >"$work/calls"
run demo; status=$?
check 'a second demo starts afresh' is "$status" 3
check 'installs nothing' not_called '^apt-get'
check 'configures nothing' not_called '^cmake --preset'

run test; status=$?
check 'test passes' is "$status" 0
check 'installs what the tests need and no more' said 'to build and test: libgtest-dev'
check 'configures with tests' called 'cmake --preset release -DBUILD_TESTING=ON'
check 'ends with the words of ctest' sh -c "tail -n 1 '$work/out' | grep -q '^100% tests passed'"
: >"$work/calls"
run demo
check 'a demo after the tests configures nothing' not_called '^cmake --preset'
run test asan -R '^rows:'
check 'a preset and a selection go to ctest' called "ctest --preset asan -j$(($(nproc) + 2)) -R ^rows:"
check 'clang comes with its preset' said 'to build and test with clang: clang-19'
run torture 60 7 kills
check 'torture hands seconds, seed and names on' \
  called '^python3 -B tests/torture.py tests/campaigns.txt build/release/bin build/torture 60 7 kills$'
run mutants ten disk
check 'mutants hands words on' called '^python3 -B tests/mutants.py . ten disk$'
run torture 60 x; status=$?
check 'a seed that is no number is an error' is "$status" 1
mkdir -p "$tree/tests/rows" "$tree/tests/net"
run test tsan rows net --stop-on-failure
check 'layers are built alone' called 'cmake --build build/tsan --target rows_test net_test'
check 'and their tests run alone' called "ctest --preset tsan -j$(($(nproc) + 2)) -R ^(rows|net): --stop-on-failure"
run test tsan nosuch; status=$?
check 'an unknown layer is an error' is "$status" 1
run test nosuch; status=$?
check 'an unknown preset is an error' is "$status" 1

fresh
fake "$bin/id" <<'X'
echo 1000
X
fake "$bin/sudo" <<'X'
exec "$@"
X
run build
check 'sudo where we are not root' called 'sudo env DEBIAN_FRONTEND=noninteractive apt-get'

fresh
DUCKDB_ROOT=''
run build; status=$?
check 'a DuckDB that is not what was pinned is refused' said 'is not what it was when it was pinned'
check 'and ends the run' is "$status" 1
check 'and leaves nothing to build with' sh -c "! test -e '$tree/build/deps/duckdb'"
check 'and nothing is built' not_called '^cmake'

fresh
DUCKDB_ROOT=$work/none
run build; status=$?
check 'a DUCKDB_ROOT without DuckDB is an error' said 'has no include/duckdb.h'

fresh
fake "$bin/apt-get" <<'X'
case "$*" in *install*) echo "E: no such package"; exit 100 ;; esac
X
run build; status=$?
check 'a failed installation is shown' said 'E: no such package'
check 'and ends the run' is "$status" 1

fresh
run; status=$?
check 'without a command it helps' said 'usage: ./run COMMAND'
run dmeo; status=$?
check 'an unknown command is a usage error' is "$status" 2

[ "$failures" -eq 0 ] && echo 'run: all as it should be'
exit "$((failures > 0))"
