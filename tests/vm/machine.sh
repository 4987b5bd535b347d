# shellcheck shell=bash disable=SC2154,SC2034,SC2054 # run has the variables; commas belong to arguments
# Starting the virtual machine, following its output, ending it. Sourced by run,
# whose variables these functions use.
#
# Each channel of the guest is a file here, and stdout and stderr are followed
# while they grow. A file takes what is written at once, so that nothing is on
# its way when the guest ends, and a slow reader holds up nothing.

# What a guest may write to one channel, in bytes. More is cut off.
CHANNEL_LIMIT=$((1 << 30))

machine='' terminal=''

boot() { # KERNEL-DIRECTORY
	local channel watch followers=()
	for channel in out err report log; do
		: >"$work/$channel"
	done
	if [[ $kernel_arch == um ]]; then
		uml_command "$1"
	else
		qemu_command "$1"
	fi

	machine_start
	follow out &
	followers+=($!)
	follow err >&2 &
	followers+=($!)
	machine_watch >/dev/null 2>&1 &
	watch=$!
	# Without what bash says about one that was killed.
	{ wait "$machine" || true; } 2>/dev/null
	machine_end
	kill "$watch" 2>/dev/null || true
	wait "${followers[@]}" || true
}

follow() { # CHANNEL
	exec tail -c +1 -f -s 0.1 --pid="$machine" "$work/$1"
}

# In a process group of its own, so that all of it can be killed, except at a
# prompt: only the group in the foreground may read a terminal.
machine_start() {
	local group=(timeout -k 3) input=/dev/null output=$work/log device=/dev/null
	if [[ -n $interactive ]]; then
		group+=(--foreground)
		input=/dev/stdin output=/dev/stdout device=$(tty)
		terminal=$(stty -g)
	fi
	(
		trap '' XFSZ
		ulimit -f "$(($(file_limit) / 1024))"
		exec setpriv --pdeathsig TERM "${group[@]}" 0 "${machine_command[@]}"
	) <"$input" >"$output" 2>"$work/log" \
		3<>"$device" 4>>"$console" 5>>"$work/out" 6>>"$work/err" 7>>"$work/report" &
	machine=$!
}

# A second counts for less where more wants to run than the host has processors:
# what a guest gets done in it is less, too.
machine_watch() {
	local spent=0
	((limit)) || return 0
	while ((spent < limit * 100)); do
		sleep 1
		[[ -e /proc/$machine ]] || return 0
		spent=$((spent + 10000 / $(host_slowness)))
	done
	: >"$work/expired"
	kill "$machine" 2>/dev/null || true
}

# How many times longer than alone things take now, in percent.
host_slowness() {
	awk -v cpus="$(nproc)" '{ load = $1 / cpus; print int(100 * (load > 1 ? load : 1)) }' \
		/proc/loadavg
}

# User-mode Linux keeps its memory in a file, with a gap of up to half a GiB.
file_limit() {
	if [[ $kernel_arch == um ]]; then
		echo $((CHANNEL_LIMIT + $(numfmt --from=iec "$mem") + (1 << 30)))
	else
		echo "$CHANNEL_LIMIT"
	fi
}

# timeout passes the signal on, and kills what does not listen 3 s later.
machine_kill() {
	[[ -n $machine ]] || return 0
	kill "$machine" 2>/dev/null || true
	wait "$machine" 2>/dev/null || true
	machine_end
}

machine_end() {
	machine=
	[[ -z $terminal ]] || stty "$terminal"
	terminal=
}

# Each command opens the channels its own way: out, err and report, the kernel's
# console, and a terminal for the prompt.

uml_command() { # KERNEL-DIRECTORY
	machine_command=(env "TMPDIR=$(uml_memory_directory)" "$1/image" "mem=$mem"
		"initrd=$work/initramfs" noreboot loglevel=7 panic=-1 oops=panic
		printk.devkmsg=on rootfstype=tmpfs con=null con0=null,fd:4
		ssl=null ssl1=null,fd:5 ssl2=null,fd:6 ssl3=null,fd:7)
	[[ $kernel == uml ]] || machine_command+=("ncpus=$smp" seccomp=on)
	[[ -z $interactive ]] || machine_command+=(con1=fd:3,fd:3)
	[[ -z $icount ]] || machine_command+=(time-travel)
	append_arguments
}

# It keeps its memory in a file there, and maps it executable. In a container
# /dev/shm may be small, and a machine that fills it dies of SIGBUS.
uml_memory_directory() {
	local shm=/dev/shm options free
	if options=$(findmnt -n -o OPTIONS -T $shm) && [[ $options != *noexec* ]] &&
		free=$(df --output=avail -B 1 $shm | tail -n 1) &&
		((free > $(numfmt --from=iec "$mem"))); then
		echo $shm
	else
		echo "$work"
	fi
}

# On a busy host a processor of the guest may stand still for seconds, which is
# no fault of the guest's: its watchdogs wait a minute. Nor are its timers, which a
# test at boot finds wanting, and its clock, which a watchdog finds unsteady: what
# the kernel then does about them has crashed emulated guests.
KERNEL_ARGUMENTS="loglevel=7 panic=-1 oops=panic nokaslr mitigations=off printk.devkmsg=on
	watchdog_thresh=60 workqueue.watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=60"

qemu_arch() {
	case $kernel_arch in
	arm64) echo aarch64 ;;
	*) echo x86_64 ;;
	esac
}

qemu_command() { # KERNEL-DIRECTORY
	local accelerate=(-accel "tcg,thread=multi") port
	if [[ -n $icount ]]; then
		accelerate=(-accel tcg -icount "shift=0,sleep=off")
	elif has_kvm; then
		accelerate=(-accel kvm)
	fi
	machine_command=("qemu-system-$(qemu_arch)" -nodefaults -no-user-config -no-reboot
		-display none "${accelerate[@]}" -smp "$smp" -m "$mem"
		-kernel "$1/image" -initrd "$work/initramfs"
		-chardev "file,id=console,append=on,path=$console" -serial chardev:console
		-device "virtio-serial-pci,ioeventfd=off")
	"qemu_$(qemu_arch)"
	for port in out err report; do
		machine_command+=(-chardev "file,id=$port,path=$work/$port"
			-device "virtserialport,chardev=$port,name=$port")
	done
	if [[ -n $monitor ]]; then
		machine_command+=(-monitor "unix:$monitor,server=on,wait=off"
			-dfilter 0xffffffff80000000+0x7fffffff)
	fi
	if [[ -n $interactive ]]; then
		machine_command+=(-chardev stdio,id=terminal,signal=off
			-device virtconsole,chardev=terminal)
	fi
}

qemu_x86_64() {
	machine_command+=(-machine q35 -cpu max -append "console=ttyS0 ${KERNEL_ARGUMENTS//$'\n'/ } \
no_timer_check tsc=nowatchdog $append")
}

# The newest processor signs its pointers, which takes an emulator most of its time.
qemu_aarch64() {
	machine_command+=(-machine virt -cpu cortex-a72
		-append "console=ttyAMA0 ${KERNEL_ARGUMENTS//$'\n'/ } $append")
}

append_arguments() {
	local words
	read -ra words <<<"$append"
	machine_command+=("${words[@]}")
}

# A /dev/kvm without the processor's support is there on some hosts, and hangs.
has_kvm() {
	[[ $kernel_arch != arm64 && -w /dev/kvm ]] && grep -qE '^flags.* (vmx|svm)( |$)' /proc/cpuinfo
}
