# complete.sh SCRIPT WORD...: prints what bash would offer for the last word.
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_sinter
printf '%s\n' "${COMPREPLY[@]}"
