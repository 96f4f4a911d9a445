#!/bin/bash
# SPDX-License-Identifier: MIT
#
# enter.sh ROOT [OPTION...] -- COMMAND...: runs a command in a root as docker
# runs it in a container: mounts and processes of its own, /proc, /dev, what
# is mounted, an init that passes SIGTERM on, and no right that was not given.
# The network is the caller's.
#
#	--user UID:GID		and no capabilities, no new privileges
#	--read-only		the root itself
#	--tmpfs PATH
#	--bind FROM TO
#	--bind-ro FROM TO
#
# Mount points must be there already.  Ends with the command's status.
set -euo pipefail

if [ -z "${ENTERED-}" ]; then
	ENTERED=1 exec unshare --mount --pid --fork --kill-child=KILL \
	    "$0" "$@"
fi
unset ENTERED
root=$1
shift
mount --bind "$root" "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
for name in null zero full random urandom tty; do
	: >"$root/dev/$name"
	mount --bind "/dev/$name" "$root/dev/$name"
done
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
mkdir -m 1777 "$root/dev/shm"
become=()
read_only=
while [ "$1" != -- ]; do
	case $1 in
	--user)
		become=(setpriv --reuid "${2%:*}" --regid "${2#*:}"
		    --clear-groups --inh-caps=-all --bounding-set=-all
		    --no-new-privs)
		shift
		;;
	--read-only) read_only=1 ;;
	--tmpfs)
		mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root$2"
		shift
		;;
	--bind | --bind-ro)
		mount --bind "$2" "$root$3"
		if [ "$1" = --bind-ro ]; then
			mount -o remount,bind,ro "$root$3"
		fi
		shift 2
		;;
	*)
		echo "enter: there is no option $1" >&2
		exit 2
		;;
	esac
	shift
done
shift
if [ -n "$read_only" ]; then
	mount -o remount,bind,ro "$root"
fi
umask 022
chroot "$root" "${become[@]}" "$@" <&0 &
child=$!
trap 'kill -TERM "$child"' TERM
while kill -0 "$child" 2>/dev/null; do
	wait "$child" || :
done
wait "$child"
