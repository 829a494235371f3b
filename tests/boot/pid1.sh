#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pid1.sh WORK FILES NAME: becomes the systemd of a machine of its own; machine.py starts it as the first process of new namespaces.
# WORK is an empty directory, FILES is laid over the machine's root, NAME is that of its control group. Nothing of it outlives it but that group.
set -eu
work=$1 files=$2 name=$3

# The layer above must lie on another file system than the one below.
mount -t tmpfs -o size=2g,mode=755 tmpfs "$work"
cd "$work"
mkdir upper work root cgroup

# Its own place among the control groups, taken before the namespace begins there.
mount -t cgroup2 none cgroup
own=cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
mkdir -p "$own/$name"
echo 0 >"$own/$name/cgroup.procs"
umount cgroup

cp -a "$files/." upper/
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" root
# What this machine starts, or must not, is none of that one's business.
rm -rf root/etc/systemd/system/*.wants root/etc/machine-id root/usr/sbin/policy-rc.d
: >root/etc/machine-id
for unit in systemd-modules-load systemd-sysctl systemd-timesyncd systemd-udevd; do
	ln -sf /dev/null root/etc/systemd/system/$unit.service
done

mount -t proc proc root/proc
# Settings of the kernel are everybody's.
mount --bind root/proc/sys root/proc/sys
mount -o remount,bind,ro root/proc/sys
mount -t sysfs -o ro sysfs root/sys
mount -t tmpfs -o mode=755 tmpfs root/run
mount -t tmpfs -o mode=1777 tmpfs root/tmp
mount -t tmpfs -o mode=755 tmpfs root/dev
for device in null zero full random urandom tty; do
	: >root/dev/$device
	mount --bind /dev/$device root/dev/$device
done
mkdir root/dev/pts root/dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts root/dev/pts
ln -s pts/ptmx root/dev/ptmx
ln -s /proc/self/fd root/dev/fd

cd root
pivot_root . .
umount -l .
# As a systemd makes it on a machine, and leaves it in a container: without, no service sees its credentials.
mount --make-rshared /
exec env -i container=rtalp-test PATH=/usr/sbin:/usr/bin:/sbin:/bin unshare --cgroup sh -ec '
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	exec /lib/systemd/systemd --unit=multi-user.target'
