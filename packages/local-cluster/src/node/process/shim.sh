#!/bin/sh
# Runs one container: shim.sh DIR PROGRAM [ARGUMENT...], as leader of its own session, in the container's directory and
# with its environment. PROGRAM is a path, never a bare word, so no shell builtin can take its place.
#
# It stands between the program and the cluster's process so that either may die without the other:
#   stdout, stderr  FIFOs. The shim holds both ends open, so a program whose reader died waits for the next, and never gets SIGPIPE.
#   stdin           FIFO, where the container has a standard input that is written to: a process of its own holds it open, its id in
#                   stdin-holder. When that is ended, and nobody else has the FIFO open, the program has read everything.
#   pid             the shim's process id (which is the session's), and its line of /proc where there is one.
#   exit            the program's exit code, 128 + n for signal n.
#   done            FIFO: the exit code once more, for whoever watches; its end without a code says that the shim was killed.
#   control         FIFO that has a reader as long as the shim lives. A line on it says that the output was read to its end.
# A handler, not '': ignored signals would stay ignored in the program.
trap : HUP INT QUIT TERM USR1 USR2
dir=$1
shift
exec 3<>"$dir/stdout" 4<>"$dir/stderr" 5<>"$dir/control" 6<>"$dir/done" || exit 125
stat=
if [ -r /proc/self/stat ]; then read -r stat <"/proc/$$/stat"; fi
printf '%s\n%s\n' "$$" "$stat" >"$dir/pid" || exit 125
printf 'ready\n'
exec >/dev/null
holder=
if [ -p "$dir/stdin" ]; then
  exec 9<>"$dir/stdin"
  (trap '' HUP INT QUIT TERM; exec sleep 2147483647 </dev/null 3>&- 4>&- 5>&- 6>&-) &
  holder=$!
  printf '%s\n' "$holder" >"$dir/stdin-holder"
  exec <"$dir/stdin" 9>&-
else
  exec </dev/null
fi
"$@" >&3 2>&4 3>&- 4>&- 5>&- 6>&-
code=$?
if [ -n "$holder" ]; then kill -KILL "$holder"; fi
printf '%s\n' "$code" >"$dir/exit"
trap 'exit 0' HUP INT QUIT TERM
# What was written stays in the FIFOs while somebody can still read them; the writing ends go, so that the end can be seen.
exec 7<"$dir/stdout" 8<"$dir/stderr"
exec 3>&- 4>&-
printf '%s\n' "$code" >&6
read -r _ <&5
