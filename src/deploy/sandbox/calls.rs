//! seccomp: the system calls that a serving gate makes, and no others. What is not listed fails with `EPERM`.
//!
//! No program can be started: `execve` is not listed, processes cannot be made (`clone` makes threads only), and no memory
//! can be made executable.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Is, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter_all_threads,
};

/// Calls that may be made with any arguments: the standard library's, tokio's, the allocator's and glibc's.
const ALLOWED: &[c_long] = &[
    // Files that are open, and paths within what Landlock allows.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_preadv,
    libc::SYS_pwritev,
    libc::SYS_openat,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_lseek,
    libc::SYS_getdents64,
    libc::SYS_fcntl,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_pipe2,
    libc::SYS_flock,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_fallocate,
    libc::SYS_ftruncate,
    libc::SYS_fadvise64,
    libc::SYS_copy_file_range,
    libc::SYS_sendfile,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_readlinkat,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_utimensat,
    libc::SYS_umask,
    libc::SYS_getcwd,
    libc::SYS_inotify_init1,
    libc::SYS_inotify_add_watch,
    libc::SYS_inotify_rm_watch,
    // Memory.
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_mlock,
    libc::SYS_munlock,
    libc::SYS_membarrier,
    // Threads. `clone3` has its arguments in memory, where no filter can look: see `UNKNOWN`.
    libc::SYS_clone3,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getrusage,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_getrandom,
    // Signals; to others only within what Landlock allows.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_tgkill,
    libc::SYS_restart_syscall,
    // Time.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
    // Waiting.
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_ppoll,
    // Sockets; what may be called stands in Landlock's rules. Listeners were bound before.
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_recvmmsg,
    libc::SYS_shutdown,
    libc::SYS_socketpair,
];

/// The older forms of some of them, which glibc uses where they are.
#[cfg(target_arch = "x86_64")]
const OLDER: &[c_long] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_rename,
    libc::SYS_unlink,
    libc::SYS_mkdir,
    libc::SYS_readlink,
    libc::SYS_chmod,
    libc::SYS_pipe,
    libc::SYS_dup2,
    libc::SYS_getdents,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_epoll_wait,
    libc::SYS_eventfd,
    libc::SYS_time,
    libc::SYS_arch_prctl,
    libc::SYS_getrlimit,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[c_long] = &[];

/// Calls that the kernel is to seem not to know: glibc then takes the older one, whose arguments a filter can see.
const UNKNOWN: &[c_long] = &[libc::SYS_clone3];

/// Of `ioctl`: whether a descriptor is a terminal, how much can be read, whether it waits.
const IOCTLS: &[u64] = &[libc::TCGETS, libc::TIOCGWINSZ, libc::FIONREAD, libc::FIONBIO, libc::FIOCLEX];
/// Of `prctl`: names of threads and of memory.
const PRCTLS: &[u64] = &[15, 16, 0x5356_4d41];
/// Of `socket`: Unix, IPv4, IPv6, and Netlink, by which glibc learns which addresses the machine has.
const DOMAINS: &[u64] = &[1, 2, 10, 16];

/// Restricts all threads of the process; whether that holds.
pub(super) fn restrict() -> bool {
    let Ok(arch) = TargetArch::try_from(std::env::consts::ARCH) else { return false };
    let programs = [unknown(arch), allowed(arch)];
    programs.into_iter().all(|program| program.is_ok_and(|program| apply_filter_all_threads(&program).is_ok()))
}

fn unknown(arch: TargetArch) -> Result<BpfProgram, BackendError> {
    let rules = UNKNOWN.iter().map(|call| (*call, Vec::new())).collect();
    let no_such_call = SeccompAction::Errno(38);
    SeccompFilter::new(rules, SeccompAction::Allow, no_such_call, arch)?.try_into()
}

fn allowed(arch: TargetArch) -> Result<BpfProgram, BackendError> {
    let mut rules: BTreeMap<c_long, Vec<SeccompRule>> =
        ALLOWED.iter().chain(OLDER).map(|call| (*call, Vec::new())).collect();
    let one_of = |argument: u8, values: &[u64]| -> Result<Vec<SeccompRule>, BackendError> {
        let rule = |value: &u64| SeccompRule::new(vec![condition(argument, Is::Eq, *value)?]);
        values.iter().map(rule).collect()
    };
    rules.insert(libc::SYS_ioctl, one_of(1, IOCTLS)?);
    rules.insert(libc::SYS_prctl, one_of(0, PRCTLS)?);
    rules.insert(libc::SYS_socket, one_of(0, DOMAINS)?);
    // Threads, and no processes.
    let thread = 0x0001_0000;
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![condition(0, Is::MaskedEq(thread), thread)?])?]);
    // Looked at, and not changed.
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![long_condition(2, 0)?])?]);
    // Nothing becomes executable.
    let executable = 4;
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![SeccompRule::new(vec![condition(2, Is::MaskedEq(executable), 0)?])?]);
    }
    let not_permitted = SeccompAction::Errno(1);
    SeccompFilter::new(rules, not_permitted, SeccompAction::Allow, arch)?.try_into()
}

fn condition(argument: u8, is: Is, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Length::Dword, is, value)
}

fn long_condition(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Length::Qword, Is::Eq, value)
}
