"""Devices, precision, threads and captured steps: all that depends on the machine."""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Lock

import torch
from torch import nn

from ganaug.errors import ConfigError
from ganaug.spelling import suggest

MEMORY, CGROUP = Path("/proc/meminfo"), Path("/sys/fs/cgroup")
CONTAINERS = (  # version 2, then 1: the limit, what is used, and a file's cache in that
    ("memory.max", "memory.current", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes",
     "total_inactive_file"),
)  # fmt: skip
DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("float32", "bfloat16")


def pick_device(name: str = "auto") -> torch.device:
    """Return the device of that name; `auto` takes a GPU where there is one.

    Raises:
        ConfigError: the device is unknown, or not on this machine.

    Example:
        >>> pick_device("cpu")
        device(type='cpu')
    """
    if name == "auto":
        name = next((d for d in ("cuda", "mps") if _count(d)), "cpu")
    kind, number = _split_name(name)
    if (number or 0) >= _count(kind):
        raise ConfigError(f"this machine has no {name} device; use --device cpu")
    return torch.device(kind) if number is None else torch.device(kind, number)


def prepare(device: torch.device) -> None:
    """Change process-wide settings that make training faster, with the same results."""
    if device.type == "cpu":
        # denormal numbers in vanishing gradients slow a CPU down many times over
        torch.set_flush_denormal(True)
        _keep_memory()
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")


def describe(device: torch.device) -> dict[str, str | int]:
    """Return what equal bytes depend on: torch's version, processor and threads."""
    kind = _processor() if device.type == "cpu" else str(device)
    if device.type == "cuda":
        kind = torch.cuda.get_device_name(device)
    return {
        "torch": torch.__version__,
        "device": device.type,
        "processor": kind,
        "threads": torch.get_num_threads(),
    }


def find_free_bytes(device: torch.device) -> int | None:
    """Return how much memory is free, within the limit of a container.

    None where nobody can tell: on systems other than Linux, without a CUDA GPU.
    """
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type != "cpu":
        return None
    try:
        free = 1024 * int(_read_table(MEMORY)["MemAvailable:"])
    except (OSError, ValueError, KeyError):
        return None
    return min([free, *_list_container_bytes()])


def _list_container_bytes() -> Iterator[int]:
    """Yield what a container still allows, if there is one with a limit."""
    for most, used, cache in CONTAINERS:
        place = CGROUP / used
        try:
            spare = int(_read_table(place.with_name("memory.stat"))[cache])
            limit = int((CGROUP / most).read_text(encoding="ascii"))
            yield limit - int(place.read_text(encoding="ascii")) + spare
        except (OSError, ValueError, KeyError):  # no such version, or no limit
            continue


def _read_table(path: Path) -> dict[str, str]:
    """Read the first two words of each line."""
    lines = path.read_text(encoding="ascii").splitlines()
    return dict(line.split()[:2] for line in lines)


def autocast(device: torch.device, precision: str) -> AbstractContextManager[object]:
    """Return the context in which networks run at that precision."""
    check_precision(precision)
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def check_precision(precision: str) -> None:
    """Raise ConfigError unless the precision is float32 or bfloat16."""
    if precision not in PRECISIONS:
        hint = suggest(precision, PRECISIONS)
        raise ConfigError(
            f"precision={precision}{hint} is not one of {', '.join(PRECISIONS)}"
        )


def has_bfloat16(device: torch.device) -> bool:
    """Whether the hardware multiplies bfloat16 numbers, instead of emulating that."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        return not BFLOAT16_FLAGS.isdisjoint(_read_processor("flags").split())
    return False


def fast_precision(device: torch.device) -> str:
    """Return `bfloat16` where the hardware has it, for work that may lose digits."""
    return "bfloat16" if has_bfloat16(device) else "float32"


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread in this block.

    More threads speed a small network up little, and on a busy machine they wait for
    each other: a step with bfloat16 then takes up to forty times as long. With one
    thread, results do not depend on the number of cores either.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch's global random state in this block, and restore it afterwards.

    Meant for code that takes no generator. One thread at a time may be in the block.
    """
    with _BORROWED, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


_BORROWED = Lock()
BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})  # as Linux names them


def make_adam(
    model: nn.Module, lr: float, betas: tuple[float, float]
) -> torch.optim.Adam:
    """Make an Adam optimiser with one fused kernel per step; capturable on a GPU."""
    device = next(model.parameters()).device
    on_gpu = device.type == "cuda"
    rate: float | torch.Tensor = torch.tensor(lr, device=device) if on_gpu else lr
    return torch.optim.Adam(
        model.parameters(),
        lr=rate,
        betas=betas,
        eps=1e-8,
        fused=device.type in ("cpu", "cuda"),
        capturable=on_gpu,
    )


def set_rate(optimiser: torch.optim.Adam, lr: float) -> None:
    """Set the learning rate in place, so that a captured step uses it too."""
    for group in optimiser.param_groups:
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(lr)
        else:
            group["lr"] = lr


def capture(
    step: Callable[[], None], device: torch.device, *, warm_up: int = 3
) -> Callable[[], None]:
    """Record the step as one CUDA graph; on other devices, return the step itself.

    Launching kernels takes most of the time of networks of this size. A captured step
    must read and write the same tensors each time. The warm-up really runs the step, so
    the caller restores its state afterwards.
    """
    if device.type != "cuda":
        return step
    with torch.cuda.device(device):  # or another one's stream would be recorded
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(warm_up):
                step()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step()
    return graph.replay


def _keep_memory() -> None:
    """Let glibc keep freed memory instead of asking the system for it each time.

    Otherwise a training step spends a tenth of its time on page faults. Other C
    libraries are left as they are.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(M_MMAP_THRESHOLD, 32 << 20)  # the most that it takes
    mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # names of glibc's malloc.h


def _split_name(name: str) -> tuple[str, int | None]:
    """Return the kind of device and its number, as in `cuda:1`; None for no number."""
    kind, colon, number = name.partition(":")
    numbered = number.isdecimal() and kind != "auto"
    if kind not in DEVICES or (colon and not numbered):
        raise ConfigError(
            f"there is no device {name!r}; choose from {', '.join(DEVICES)}"
        )
    return kind, int(number) if colon else None


def _count(kind: str) -> int:
    """Count this machine's devices of that kind."""
    if kind == "cuda":
        return torch.cuda.device_count() if torch.cuda.is_available() else 0
    return int(kind == "cpu" or torch.backends.mps.is_available())


def _processor() -> str:
    """Return the processor's name: another processor may round differently."""
    return _read_processor("model name") or platform.processor() or platform.machine()


def _read_processor(field: str) -> str:
    """Return a field of Linux's description of the first core; "" elsewhere."""
    if not os.path.exists("/proc/cpuinfo"):
        return ""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        found = (line.split(":", 1)[1] for line in lines if line.startswith(field))
        return next(found, "").strip()
