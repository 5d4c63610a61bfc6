//! The system calls that a container may make.
//!
//! What is not named here fails with EPERM, as under Docker's default, so that software meets what it was
//! tested with. Some calls are allowed with some arguments only, others with a capability.

use std::collections::HashSet;

use oci_spec::OciSpecError;
use oci_spec::runtime::{
    Arch, Capability, LinuxSeccomp, LinuxSeccompAction, LinuxSeccompArg, LinuxSeccompArgBuilder,
    LinuxSeccompBuilder, LinuxSeccompOperator, LinuxSyscall, LinuxSyscallBuilder,
};

const EPERM: u32 = libc::EPERM as u32;
const ENOSYS: u32 = libc::ENOSYS as u32;

/// Files and descriptors.
const FILES: &str = "access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 \
    faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown \
    fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64 \
    fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getcwd getdents getdents64 getxattr \
    inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl landlock_add_rule \
    landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat listxattr llistxattr \
    _llseek lremovexattr lseek lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat \
    open openat openat2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv \
    removexattr rename renameat renameat2 rmdir sendfile sendfile64 setxattr splice stat stat64 statfs statfs64 \
    statx symlink symlinkat sync sync_file_range syncfs tee truncate truncate64 umask unlink unlinkat utime \
    utimensat utimensat_time64 utimes vmsplice write writev";

/// Waiting for descriptors, and input and output that does not wait.
const WAITING: &str = "epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait \
    epoll_wait_old eventfd eventfd2 io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup \
    io_submit _newselect pipe pipe2 poll ppoll ppoll_time64 pselect6 pselect6_time64 select signalfd signalfd4 \
    timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64";

const MEMORY: &str = "brk cachestat madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock \
    mlock2 mlockall mmap mmap2 mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free \
    pkey_mprotect process_mrelease remap_file_pages";

const NETWORK: &str = "accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom \
    recvmmsg recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair";

const PROCESSES: &str = "alarm capget capset execve execveat exit exit_group fork futex futex_requeue \
    futex_time64 futex_wait futex_waitv futex_wake getcpu getegid getegid32 geteuid geteuid32 getgid getgid32 \
    getgroups getgroups32 getitimer getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32 \
    getresuid getresuid32 getrlimit get_robust_list getrusage getsid get_thread_area gettid getuid getuid32 \
    ioprio_get ioprio_set kill pause pidfd_open pidfd_send_signal prctl prlimit64 process_vm_readv \
    process_vm_writev ptrace restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo \
    rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity \
    sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler \
    sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam \
    sched_setscheduler sched_yield seccomp setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups \
    setgroups32 setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 \
    setreuid setreuid32 setrlimit set_robust_list setsid set_thread_area set_tid_address setuid setuid32 \
    sigaltstack sigprocmask sigreturn sysinfo tgkill tkill ugetrlimit uname vfork wait4 waitid waitpid";

const TIME: &str = "adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime \
    clock_gettime64 clock_nanosleep clock_nanosleep_time64 gettimeofday nanosleep time timer_create timer_delete \
    timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 times";

const SYSTEM_V_IPC: &str = "ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 \
    mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop \
    semtimedop_time64 shmat shmctl shmdt shmget";

/// Names that exist on some processors only; the others pass over them.
const PROCESSORS: &str = "arch_prctl modify_ldt arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint \
    cacheflush set_tls s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr riscv_flush_icache \
    riscv_hwprobe";

/// What a capability opens.
const WITH_CAPABILITY: [(Capability, &str); 14] = [
    (Capability::DacReadSearch, "open_by_handle_at"),
    (
        Capability::SysAdmin,
        "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr \
         move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount \
         umount2 unshare",
    ),
    (Capability::SysBoot, "reboot"),
    (Capability::SysChroot, "chroot"),
    (Capability::SysModule, "delete_module finit_module init_module"),
    (Capability::SysPacct, "acct"),
    (Capability::SysPtrace, "kcmp pidfd_getfd process_madvise"),
    (Capability::SysRawio, "ioperm iopl"),
    (Capability::SysTime, "clock_settime clock_settime64 settimeofday stime"),
    (Capability::SysTtyConfig, "vhangup"),
    (Capability::SysNice, "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
    (Capability::Syslog, "syslog"),
    (Capability::Bpf, "bpf"),
    (Capability::Perfmon, "perf_event_open"),
];

/// The flags of `clone` that make namespaces: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
const NAMESPACE_FLAGS: u64 = 0x7E02_0000;
/// PER_LINUX, PER_LINUX32, both with UNAME26, and the question what it is.
const PERSONALITIES: [u64; 5] = [0, 0x8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF];

/// The filter for a container that has these capabilities.
pub(crate) fn filter(capabilities: &HashSet<Capability>) -> Result<LinuxSeccomp, OciSpecError> {
    let mut open: Vec<String> = Vec::with_capacity(400);
    let free = [FILES, WAITING, MEMORY, NETWORK, PROCESSES, TIME, SYSTEM_V_IPC, PROCESSORS];
    let opened = WITH_CAPABILITY.iter().filter(|(it, _)| capabilities.contains(it));
    for names in free.into_iter().chain(opened.map(|(_, names)| *names)) {
        open.extend(names.split_whitespace().map(str::to_owned));
    }
    open.sort_unstable();
    open.dedup();

    let any = Vec::new();
    let mut rules = vec![allow(open, any)?];
    for personality in PERSONALITIES {
        let is = argument(personality, None, LinuxSeccompOperator::ScmpCmpEq)?;
        rules.push(allow(vec!["personality".into()], vec![is])?);
    }
    let not_vsock = argument(libc::AF_VSOCK as u64, None, LinuxSeccompOperator::ScmpCmpNe)?;
    rules.push(allow(vec!["socket".into()], vec![not_vsock])?);
    if !capabilities.contains(&Capability::SysAdmin) {
        let none = argument(NAMESPACE_FLAGS, Some(0), LinuxSeccompOperator::ScmpCmpMaskedEq)?;
        rules.push(allow(vec!["clone".into()], vec![none])?);
        // Its flags are in memory, where a filter cannot look; libraries then fall back to clone.
        let refused = LinuxSyscallBuilder::default()
            .names(vec!["clone3".to_owned()])
            .action(LinuxSeccompAction::ScmpActErrno)
            .errno_ret(ENOSYS)
            .build()?;
        rules.push(refused);
    }
    LinuxSeccompBuilder::default()
        .default_action(LinuxSeccompAction::ScmpActErrno)
        .default_errno_ret(EPERM)
        .architectures(architectures())
        .syscalls(rules)
        .build()
}

/// This processor's, with those whose programs it runs too. Not x32, which no distribution builds for:
/// each one costs every container's start several milliseconds, and what is not named is killed.
fn architectures() -> Vec<Arch> {
    match std::env::consts::ARCH {
        "x86_64" => vec![Arch::ScmpArchX86_64, Arch::ScmpArchX86],
        "aarch64" => vec![Arch::ScmpArchAarch64, Arch::ScmpArchArm],
        _ => vec![Arch::ScmpArchNative],
    }
}

fn allow(names: Vec<String>, args: Vec<LinuxSeccompArg>) -> Result<LinuxSyscall, OciSpecError> {
    let rule = LinuxSyscallBuilder::default().names(names).action(LinuxSeccompAction::ScmpActAllow);
    if args.is_empty() { rule.build() } else { rule.args(args).build() }
}

fn argument(
    value: u64,
    value_two: Option<u64>,
    op: LinuxSeccompOperator,
) -> Result<LinuxSeccompArg, OciSpecError> {
    let argument = LinuxSeccompArgBuilder::default().index(0_usize).value(value).op(op);
    match value_two {
        Some(value) => argument.value_two(value).build(),
        None => argument.build(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(capabilities: &[Capability], name: &str) -> bool {
        let filter = filter(&capabilities.iter().copied().collect()).unwrap();
        filter.syscalls().as_ref().unwrap().iter().any(|rule| {
            rule.names().iter().any(|it| it == name)
                && rule.action() == LinuxSeccompAction::ScmpActAllow
                && rule.args().is_none()
        })
    }

    #[test]
    fn capabilities_open_calls() {
        for name in ["openat", "futex", "epoll_wait", "fork", "socketpair"] {
            assert!(allowed(&[], name), "{name}");
        }
        for (capability, name) in [
            (Capability::SysAdmin, "mount"),
            (Capability::SysAdmin, "clone3"),
            (Capability::SysChroot, "chroot"),
            (Capability::SysPtrace, "kcmp"),
        ] {
            assert!(!allowed(&[], name), "{name}");
            assert!(allowed(&[capability], name), "{name}");
        }
        for name in ["kexec_load", "keyctl", "add_key", "userfaultfd", "io_uring_setup", "swapon"] {
            assert!(!allowed(&[Capability::SysAdmin], name), "{name}");
        }
    }
}
