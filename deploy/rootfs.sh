#!/bin/sh
# Everything that the program needs at run time, as the file tree of a container: deploy/Dockerfile's last stage is this and no more.
# usage: rootfs.sh BUILD_FOLDER TREE      TREE is made, and must not be there yet
set -eu

die() { printf 'rootfs: %s\n' "$*" >&2; exit 1; }

[ $# -eq 2 ] || die 'usage: rootfs.sh BUILD_FOLDER TREE'
build=$1
tree=$2
program=$build/bin/chimplift
certificates=/etc/ssl/certs/ca-certificates.crt
[ -x "$program" ] || die "there is no $program: ./run build makes it"
[ -s "$certificates" ] || die "there is no $certificates: the package ca-certificates has it"
[ ! -e "$tree" ] || die "$tree is there already"

umask 022
mkdir -p "$tree/usr/bin" "$tree/usr/lib" "$tree/usr/share/doc" "$tree/etc/ssl/certs" "$tree/work"
mkdir -m 1777 "$tree/tmp"

# The program looks for DuckDB in ../lib, from wherever it is; the loader looks there too, where /proc does not tell it where the program is.
strip -o "$tree/usr/bin/chimplift" "$program"
chmod 755 "$tree/usr/bin/chimplift"
cp -L "$build/lib/libduckdb.so" "$tree/usr/lib/"
if [ -e "$build/lib/LICENSE.duckdb" ]; then cp "$build/lib/LICENSE.duckdb" "$tree/usr/lib/"; fi

# Debian's libraries, each at its own place, with their packages' terms: whoever passes the image on passes them on too.
ldd "$program" >"$tree/ldd"
! grep 'not found' "$tree/ldd" >&2 || die "$program lacks a library"
sed -n 's/^.*[[:space:]]\(\/[^ ]*\) (0x[0-9a-f]*)$/\1/p' "$tree/ldd" | sort -u >"$tree/libraries"
[ -s "$tree/libraries" ] || die "$program needs no libraries at all: that cannot be"
while read -r library; do
  case $library in */libduckdb.so) continue ;; esac
  mkdir -p "$tree${library%/*}"
  cp -L "$library" "$tree$library"
  # A package may still name the file below /lib, where the file is below /usr/lib now.
  real=$(readlink -f "$library")
  printf '%s\n%s\n' "$real" "${real#/usr}" >>"$tree/files"
done <"$tree/libraries"
if command -v dpkg-query >/dev/null; then
  # One of the two names of each file is unknown, which makes dpkg-query's exit code say nothing.
  { xargs dpkg-query -S <"$tree/files" 2>/dev/null || :; } | sed 's/:.*//' | sort -u >"$tree/packages"
  while read -r package; do
    mkdir -p "$tree/usr/share/doc/$package"
    cp -L "/usr/share/doc/$package/copyright" "$tree/usr/share/doc/$package/"
  done <"$tree/packages"
  rm "$tree/packages"
fi
rm "$tree/ldd" "$tree/libraries" "$tree/files"

cp -L "$certificates" "$tree$certificates"
echo 'chimplift:x:65532:65532::/tmp:/nonexistent' >"$tree/etc/passwd"
echo 'chimplift:x:65532:' >"$tree/etc/group"
echo 'hosts: files dns' >"$tree/etc/nsswitch.conf"
