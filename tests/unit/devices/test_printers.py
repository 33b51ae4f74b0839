"""A document handed over is printed or said not to be; tested against a real CUPS and real folders."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.app.ports.devices import JobState, JobStatus, Printer, PrinterState, Printing, PrintJob
from jinpu_desk.devices.ipp import Attribute, Operation, Tag, answer, request
from jinpu_desk.devices.printers import AllPrinting, CupsPrinting, FolderPrinter
from jinpu_desk.domain.errors import Refused, Unavailable

from .cups import Cups, running_cups

PDF = b"%PDF-1.4\n% a demonstration, printed byte for byte\n%%EOF\n"


@pytest.fixture
def cups() -> Iterator[Cups]:
    with TemporaryDirectory(prefix="jinpu-cups-") as folder, running_cups(Path(folder)) as cups:
        yield cups


@pytest.fixture
def printing(cups: Cups) -> Iterator[CupsPrinting]:
    printing = CupsPrinting(cups.server)
    yield printing
    printing.close()


def until(question: Callable[[], JobStatus], wanted: Callable[[JobStatus], bool]) -> JobStatus:
    """Asks again until the spooler has got there; some hundred answers take it a second."""
    status = question()
    for _ in range(20_000):
        if wanted(status):
            break
        status = question()
    return status


def test_printers_are_listed_with_the_default_first(cups: Cups, printing: CupsPrinting) -> None:
    assert printing.printers() == []
    cups.add_printer("Window_A")
    cups.add_printer("Window_B")
    cups.admin("lpadmin", "-d", "Window_B")
    cups.admin("cupsdisable", "Window_A")
    assert printing.printers() == [
        Printer("Window_B", PrinterState.IDLE, is_default=True),
        Printer("Window_A", PrinterState.STOPPED, problem="device.printer.stopped"),
    ]


def test_a_document_waits_for_paper_and_is_then_printed_whole(cups: Cups, printing: CupsPrinting) -> None:
    cups.add_printer("Window_A")
    job = printing.submit("Window_A", PDF, title="2102130100120260918000017 D1", copies=2)
    waiting = until(lambda: printing.status(job), lambda status: bool(status.problem))
    assert waiting == JobStatus(JobState.WAITING, "device.printer.out-of-paper")
    cups.load_paper()
    done = until(lambda: printing.status(job), lambda status: status.state is not JobState.WAITING)
    assert done == JobStatus(JobState.PRINTED)
    assert (cups.out / f"{job.id}-copies2.pdf").read_bytes() == PDF


def test_a_cancelled_job_has_failed(cups: Cups, printing: CupsPrinting) -> None:
    cups.add_printer("Window_A")
    cups.admin("cupsdisable", "Window_A")
    job = printing.submit("Window_A", PDF, title="D1")
    assert printing.status(job) == JobStatus(JobState.WAITING, "device.printer.stopped")
    cups.admin("cancel", f"Window_A-{job.id}")
    assert printing.status(job) == JobStatus(JobState.FAILED, "device.printer.job-failed")


def test_a_broken_printer_stops_with_the_job_kept(cups: Cups, printing: CupsPrinting) -> None:
    cups.break_printer()
    cups.add_printer("Window_A")
    job = printing.submit("Window_A", PDF, title="D1")
    stopped = until(lambda: printing.status(job), lambda status: bool(status.problem))
    assert stopped == JobStatus(JobState.WAITING, "device.printer.stopped")


def test_what_the_spooler_will_not_take_is_said_so(cups: Cups, printing: CupsPrinting) -> None:
    cups.add_printer("Window_A")
    cups.admin("cupsreject", "Window_A")
    with pytest.raises(Unavailable) as full:
        printing.submit("Window_A", PDF, title="D1")
    with pytest.raises(Refused) as unknown:
        printing.submit("Window_B", PDF, title="D1")
    assert (full.value.code, unknown.value.code) == ("device.printer.failed", "device.printer.unknown")
    assert printing.status(PrintJob("Window_A", "77")) == JobStatus(JobState.UNKNOWN)


def _nobody_there() -> CupsPrinting:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return CupsPrinting(f"127.0.0.1:{port}")


def test_a_spooler_that_is_off_does_not_hide_the_folder(tmp_path: Path) -> None:
    off = _nobody_there()
    with pytest.raises(Unavailable) as caught:
        off.printers()
    assert caught.value.code == "device.printer.no-spooler"
    both = AllPrinting(off, FolderPrinter(tmp_path))
    assert [printer.name for printer in both.printers()] == ["打印到文件"]
    with pytest.raises(Unavailable):
        AllPrinting(off).printers()
    off.close()


@pytest.mark.parametrize("wrap", [lambda folder: folder, AllPrinting])
def test_the_folder_keeps_every_document_apart(tmp_path: Path, wrap: Callable[[Printing], Printing]) -> None:
    printing = wrap(FolderPrinter(tmp_path / "prints"))
    jobs = [printing.submit("打印到文件", PDF, title="../D1 收件", copies=3) for _ in range(2)]
    assert len({job.id for job in jobs}) == 2
    for job in jobs:
        assert (tmp_path / "prints" / job.id).read_bytes() == PDF
        assert printing.status(job) == JobStatus(JobState.PRINTED)
        (tmp_path / "prints" / job.id).unlink()
        assert printing.status(job) == JobStatus(JobState.UNKNOWN)
    assert list(tmp_path.rglob("*")) == [tmp_path / "prints"]


def test_the_folder_refuses_another_printers_document(tmp_path: Path) -> None:
    for printing in (FolderPrinter(tmp_path), AllPrinting(FolderPrinter(tmp_path))):
        with pytest.raises(Refused) as caught:
            printing.submit("Window_A", PDF, title="D1")
        assert caught.value.code == "device.printer.unknown"


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "prints").touch()
    with pytest.raises(Unavailable) as caught:
        FolderPrinter(tmp_path / "prints").submit("打印到文件", PDF, title="D1")
    assert caught.value.code == "device.printer.folder"


@pytest.mark.parametrize("copies", [0, -1, 100])
def test_a_senseless_number_of_copies_is_refused(tmp_path: Path, copies: int) -> None:
    with pytest.raises(Refused) as caught:
        FolderPrinter(tmp_path).submit("打印到文件", PDF, title="D1", copies=copies)
    assert caught.value.code == "device.printer.bad-copies"


NAME = st.text("abcdefghijklmnop-", min_size=1, max_size=20)


@given(
    st.dictionaries(
        NAME,
        st.one_of(
            st.tuples(
                st.just(Tag.INTEGER), st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=4)
            ),
            st.tuples(st.just(Tag.TEXT), st.lists(st.text(max_size=30), min_size=1, max_size=4)),
        ),
        max_size=6,
    )
)
def test_what_ipp_writes_it_reads(wanted: dict[str, tuple[Tag, list[int] | list[str]]]) -> None:
    attributes = [Attribute(tag, name, values) for name, (tag, values) in wanted.items()]
    read = answer(request(Operation.PRINT_JOB, attributes, document=b"%PDF"))
    assert read.status == Operation.PRINT_JOB  # a request keeps its operation where an answer has its status
    assert read.groups[0] == {
        "attributes-charset": ["utf-8"],
        "attributes-natural-language": ["en"],
        **{name: values for name, (_, values) in wanted.items()},
    }


@given(st.binary(max_size=200), st.integers(0, 200))
def test_a_broken_answer_is_unavailable_and_nothing_worse(noise: bytes, cut: int) -> None:
    whole = request(Operation.GET_PRINTERS, [Attribute(Tag.TEXT, "printer-name", ["x"])])
    for data in (noise, whole[:cut], whole[:cut] + noise):
        with suppress(Unavailable):
            answer(data)
