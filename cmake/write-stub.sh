#!/bin/sh
# Describes a shared library so that a stub of it can be built: the same
# versioned dynamic symbols without any code. Programs are linked against the
# stub where no C library is installed to link with, and against the real one
# they run.
#
# usage: write-stub.sh LIBRARY OUT.s OUT.map
set -eu
library=$1 assembly=$2 map=$3

LC_ALL=C readelf --dyn-syms -W "$library" | LC_ALL=C awk -v assembly="$assembly" -v map="$map" '
# Num: Value Size Type Bind Vis Ndx Name@@VERSION; only default versions, those
# that a linker takes. Private ones belong to the C library itself.
$7 != "UND" && $8 ~ /@@/ && ($5 == "GLOBAL" || $5 == "WEAK" || $5 == "UNIQUE") {
  split($8, part, "@@")
  name = part[1]; version = part[2]
  if (version == "GLIBC_PRIVATE" || $4 == "TLS" || name == version)
    next
  if (name in seen)
    next
  seen[name] = 1
  names[version] = names[version] " " name ";"
  object = $4 == "OBJECT"
  bind = $5 == "WEAK" ? ".weak" : ".globl"
  printf "%s %s\n.type %s, %%%s\n", bind, name, name, object ? "object" : "function" > assembly
  printf "%s\n.balign 32\n%s:\n.zero %d\n", object ? ".bss" : ".text", name, object ? $3 : 1 > assembly
  printf ".size %s, %d\n", name, object ? $3 : 1 > assembly
}
END {
  print ".section .note.GNU-stack,\"\",%progbits" > assembly
  for (version in names)
    printf "%s {%s };\n", version, names[version] > map
}'
