# SPDX-License-Identifier: GPL-2.0
# What a person can do; "make help" lists it. What the modules are made of is
# in Kbuild.

KDIR	?= /lib/modules/$(shell uname -r)/build
KERNEL	?= debian-6.12

.PHONY: all install clean help ko tools demo shell test test-full \
	test-nightly bench check

# A kernel that nobody has built for may have changed what the modules use.
all:
	@$(MAKE) -C $(KDIR) M=$(CURDIR) modules || { tools/known-kernel $(KDIR); exit 1; }

install: all
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install
	depmod -a

clean:
	rm -rf build
	find . -path ./.git -prune -o \( -name '*.o' -o -name '*.ko' \
		-o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' \
		-o -name modules.order -o -name Module.symvers \) \
		-exec rm -f {} +

help:
	@echo 'make demo        the programs, in a virtual machine with a stock kernel'
	@echo 'make shell       a prompt in that machine, with the module loaded'
	@echo 'make             chanpat.ko for the running kernel, or for KDIR=DIR'
	@echo 'make install     the same, installed'
	@echo 'make test        what proves that it works, in minutes'
	@echo 'make test-full   what takes longer'
	@echo 'make test-nightly  the rest: every kernel, in hours'
	@echo 'make bench       measurements, side by side with Go and the kernel'
	@echo 'make check       static checks'
	@echo 'make tools       build/tools/chanpatctl'
	@echo 'make ko          build/KERNEL/chanpat.ko, for KERNEL=$(KERNEL) or'
	@echo '                 another that tests/vm/run --help names'
	@echo 'make clean       removes what was built'

ko:
	tests/vm/module $(KERNEL)

tools:
	@tests/vm/deps.sh modules
	$(MAKE) -C tools/chanpatctl

demo:
	tools/demo/demo

shell: ko tools
	tests/vm/run $(KERNEL) --module build/$(KERNEL)/chanpat.ko \
		--timeout 0 --interactive --hint "$$(cat tests/vm/hint)"

test:
	tests/run

test-full:
	tests/run --full

test-nightly:
	tests/run --nightly

bench:
	tests/bench/run

check:
	tests/check
