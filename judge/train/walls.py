"""Act on the kernel: close the current process off from its machine. Chooses nothing.

Namespaces, mounts, identity, limits and a system call filter, through libc alone. Standard
library only; runs in the sandbox's own process, never in the one that asks for a sandbox.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
OUTER = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
INNER = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID
NOBODY = 65534

_MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_SYS_MOUNT_SETATTR = 442  # the same number on every architecture
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 22, 38, 47
_CAPABILITY_VERSION_3 = 0x20080522
_SIGKILL = 9
DEVICES = ("null", "zero", "urandom")

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags`. Raises OSError where the kernel forbids it."""
    _call("unshare", flags)


def become_own_user() -> None:
    """Enter a user namespace in which this user is nobody, with every right over the rest."""
    uid, gid = os.geteuid(), os.getegid()
    unshare(CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    _call("prctl", _PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def volunteer_for_oom() -> None:
    """Be the first to go when memory runs out; children inherit it."""
    Path("/proc/self/oom_score_adj").write_text("1000")


def mount_tmpfs(target: str, *, size_mb: int, inodes: int) -> None:
    """A private folder in memory, bounded in bytes and in files, that anyone may write to."""
    options = f"size={size_mb}m,nr_inodes={inodes},mode=777".encode()
    _call("mount", b"tmpfs", target.encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV, options)


def make_read_only(path: str, *, recursive: bool = True) -> None:
    """Remount `path` read-only, without devices and set-user-id programs (Linux 5.12).

    Raises OSError where the kernel refuses.
    """
    flags = _ATTR_RDONLY | _ATTR_NOSUID | (_ATTR_NODEV if path != "/" else 0)
    attributes = struct.pack("QQQQ", flags, 0, 0, 0)
    depth = _AT_RECURSIVE if recursive else 0
    status = _libc.syscall(
        _SYS_MOUNT_SETATTR,
        _AT_FDCWD,
        ctypes.c_char_p(path.encode()),
        depth,
        ctypes.c_char_p(attributes),
        ctypes.c_size_t(len(attributes)),
    )
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mount_setattr {path}: {os.strerror(number)}")


def build_root(root: str, shown: Sequence[str], *, stage_mb: int) -> None:
    """Make `root` the whole file system: `shown` read-only, three devices, /box and /stage.

    A shown path that is a symbolic link is copied as a link; one that is missing is left out.
    /tmp leads to /box, and is a folder that nobody may write to where something in it is shown.
    """
    _call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    mount_tmpfs(root, size_mb=1, inodes=4096)
    for path in shown:
        _show(path, root)
    Path(root, "dev").mkdir()
    for name in DEVICES:
        _bind(f"/dev/{name}", f"{root}/dev/{name}")
    for name in ("box", "stage", ".old"):
        Path(root, name).mkdir(mode=0o755)
    if not Path(root, "tmp").exists():
        Path(root, "tmp").symlink_to("box")
    if stage_mb:
        mount_tmpfs(f"{root}/stage", size_mb=stage_mb, inodes=20_000)
    _call("pivot_root", root.encode(), f"{root}/.old".encode())
    os.chdir("/")
    _call("umount2", b"/.old", _MNT_DETACH)
    Path("/.old").rmdir()
    make_read_only("/", recursive=False)


def _show(path: str, root: str) -> None:
    target = root + path
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    if Path(path).is_symlink():
        Path(target).symlink_to(Path(path).readlink())
    elif Path(path).exists() and not Path(target).exists():  # not inside one shown before
        _bind(path, target)
        make_read_only(target)


def _bind(source: str, target: str) -> None:
    if Path(source).is_dir():
        Path(target).mkdir()
    else:
        Path(target).touch()
    _call("mount", source.encode(), target.encode(), None, _MS_BIND | _MS_REC, None)


def drop_rights(uid: int | None) -> None:
    """Give up identity (when `uid` is given) and every capability, for good; hide memory."""
    _call("prctl", _PR_CAP_AMBIENT, 4, 0, 0, 0)
    for capability in range(64):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _call("capset", ctypes.c_char_p(header), ctypes.c_char_p(bytes(24)))
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
    _filter_calls()


def set_limits(limits: Mapping[str, int]) -> None:
    """Set resource limits by their names in `resource` without RLIMIT_, soft equal to hard."""
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


# (x86_64, aarch64): seccomp's audit value, then the numbers of what candidates never need.
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_FORBIDDEN = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "kexec_load": (246, 104),
    "pidfd_getfd": (438, 438),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "shmget": (29, 194),  # memory that no limit counts, and that outlives who asked for it
    "semget": (64, 190),
    "msgget": (68, 186),
}
_SOCKET = (41, 198)
_CLONE = (56, 220)
_CLONE3 = 435
_NEW_NAMESPACES = 0x7E020000
_RET_KILL, _RET_ALLOW, _RET_ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
_LOAD, _JEQ, _JGE, _JSET, _RET = 0x20, 0x15, 0x35, 0x45, 0x06
_X32 = 0x40000000
_EPERM, _ENOSYS = 1, 38


def _filter_calls() -> None:
    """Refuse the calls of `_FORBIDDEN`, new namespaces and sockets (none on other machines)."""
    machine = platform.machine()
    if machine not in _ARCHITECTURE:
        return
    column = 0 if machine == "x86_64" else 1
    code = [
        (_LOAD, 0, 0, 4),
        (_JEQ, 1, 0, _ARCHITECTURE[machine]),
        (_RET, 0, 0, _RET_KILL),
        (_LOAD, 0, 0, 0),
        (_JGE, 0, 1, _X32),
        (_RET, 0, 0, _RET_KILL),
        (_JEQ, 0, 1, _CLONE3),
        (_RET, 0, 0, _RET_ERRNO | _ENOSYS),
    ]
    for number in (*(numbers[column] for numbers in _FORBIDDEN.values()), _SOCKET[column]):
        code += [(_JEQ, 0, 1, number), (_RET, 0, 0, _RET_ERRNO | _EPERM)]
    code += [
        (_JEQ, 0, 3, _CLONE[column]),
        (_LOAD, 0, 0, 16),
        (_JSET, 0, 1, _NEW_NAMESPACES),
        (_RET, 0, 0, _RET_ERRNO | _EPERM),
        (_RET, 0, 0, _RET_ALLOW),
    ]
    body = b"".join(struct.pack("HBBI", *line) for line in code)
    buffer = ctypes.create_string_buffer(body, len(body))
    program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(buffer))
    _call("prctl", _PR_SET_SECCOMP, 2, ctypes.c_char_p(program), 0, 0)
