# shellcheck shell=bash
# What the guest has for a root: busybox with every applet, two ordinary users,
# and what a run adds. Sourced. Archives follow each other in one file; the
# kernel unpacks all of them, uncompressed, because that costs it least.

# The same for every run, so it is kept.
initramfs_base() { # HERE ARCH -> FILE
	local key file temp busybox
	busybox=$(initramfs_busybox "$2")
	key=$(cat "$1/init" "$1/initramfs.sh" "$busybox" | sha256sum)
	file=$CACHE/base-${key:0:8}.cpio
	if [[ ! -e $file ]]; then
		temp=$(mktemp -d "$CACHE/.base.XXXXXX")
		base_root "$1" "$temp/root" "$busybox"
		initramfs_pack "$temp/root" >"$temp/cpio"
		find "$CACHE" -maxdepth 1 -name 'base-*.cpio' -mtime +7 -delete
		mv "$temp/cpio" "$file"
		rm -rf "$temp"
	fi
	printf '%s\n' "$file"
}

# For another processor it comes out of its package; the applets are the same.
initramfs_busybox() { # ARCH -> FILE
	local dir=$CACHE/busybox-$1 temp
	[[ $1 == arm64 ]] || { echo /bin/busybox; return; }
	if [[ ! -d $dir ]]; then
		temp=$(mktemp -d "$CACHE/.busybox.XXXXXX")
		(suite_use bookworm "$1" && apt_fetch busybox-static "$temp")
		dpkg-deb -x "$temp"/*.deb "$temp/root"
		mv -T "$temp/root" "$dir" 2>/dev/null || [[ -d $dir ]]
		rm -rf "$temp"
	fi
	printf '%s\n' "$dir/bin/busybox"
}

base_root() { # HERE ROOT BUSYBOX
	local root=$2
	open_directories "$root"
	mkdir -p "$root"/{dev,proc,sys,run,root,vm} "$root"/etc/dev/{pts,shm} \
		"$root"/{bin,sbin,usr/{bin,sbin},lib}
	cp "$3" "$root/bin/busybox"
	busybox --list-full | grep -v '/busybox$' |
		sed "s|^|$root/|" | xargs -n 1 ln -s /bin/busybox
	cp "$1/init" "$root/init"
	chmod 755 "$root/init"
	ln -s /proc/self/fd "$root/etc/dev/fd"
	ln -s /proc/self/fd/0 "$root/etc/dev/stdin"
	ln -s /proc/self/fd/1 "$root/etc/dev/stdout"
	ln -s /proc/self/fd/2 "$root/etc/dev/stderr"
	cat >"$root/etc/fstab" <<-END
		proc /proc proc defaults 0 0
		sysfs /sys sysfs defaults 0 0
		debugfs /sys/kernel/debug debugfs defaults 0 0
		tracefs /sys/kernel/tracing tracefs defaults 0 0
		tmpfs /dev/shm tmpfs mode=1777 0 0
		devpts /dev/pts devpts mode=620,ptmxmode=666 0 0
	END
	cat >"$root/etc/passwd" <<-END
		root::0:0:root:/root:/bin/sh
		a::1000:1000::/home/a:/bin/sh
		b::1001:1001::/home/b:/bin/sh
		nobody::65534:65534::/:/bin/sh
	END
	cat >"$root/etc/group" <<-END
		root:x:0:
		chanpat:x:990:a,b
		a:x:1000:
		b:x:1001:
		nogroup:x:65534:
	END
	cat >"$root/etc/profile" <<-'END'
		PS1='chanpat:\w\$ '
		[ ! -e /vm/hint ] || cat /vm/hint
	END
}

# In every archive, because the last one that names a directory sets its mode.
open_directories() { # ROOT
	mkdir -p "$1"/home/{a,b} "$1/tmp"
	chmod 1777 "$1"/home/{a,b} "$1/tmp"
}

initramfs_pack() { # ROOT >FILE
	(cd "$1" && find . -print0 | cpio -0 -o -H newc -R 0:0 --quiet)
}
