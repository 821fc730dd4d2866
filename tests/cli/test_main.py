"""The command line's frame: lazy commands, errors as one line, exit codes."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from consentry import __version__
from consentry.cli import main as frame
from consentry.platform.errors import ConsentryError, GeometryError, ModelError

HEAVY = ("av", "cv2", "numpy", "openvino", "rich", "scipy")
STARTER = "import sys; from consentry.cli.main import main; sys.exit(main(sys.argv[1:]))"


def run(*arguments: str, program: str = STARTER) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, timeout=180)


def command_raising(error: BaseException) -> click.Command:
    @click.command(context_settings={"ignore_unknown_options": True})
    @click.argument("rest", nargs=-1, type=click.UNPROCESSED)
    def count(rest: tuple[str, ...]) -> None:  # noqa: ARG001 - takes any arguments, as a command would
        raise error

    return count


def test_version_is_the_package_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout.split()) == (0, ["consentry,", "version", __version__])


def test_help_lists_every_command_and_loads_none() -> None:
    program = STARTER.replace("sys.exit(main(sys.argv[1:]))", f"main(['--help']); print('loaded:', *[name for name in {HEAVY} if name in sys.modules])")
    done = run(program=program)
    assert done.stdout.splitlines()[-1].strip() == "loaded:"
    assert all(f"\n  {name} " in done.stdout for name in frame.SUMMARIES)


@pytest.mark.parametrize("name", frame.SUMMARIES)
def test_every_listed_command_exists_under_its_own_name(name: str) -> None:
    command = frame.load_command(name)
    assert isinstance(command, click.Command)
    assert command.name == name


@pytest.mark.parametrize("name", frame.SUMMARIES)
def test_a_command_summarises_itself_as_the_list_does(name: str) -> None:
    summary = (frame.load_command(name).help or "").split("\n\n")[0]
    assert " ".join(summary.split()) == frame.SUMMARIES[name]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (GeometryError("line.ends-coincide", "line door", "both ends are the same point", "Give two points."), 2),
        (ModelError("model.absent", "rtmdet", "not on this machine", "Run: consentry models pull rtmdet."), 2),
        (ConsentryError("out.full", "out", "the disk is full", "Free some space."), 1),
        (ConsentryError("two.lines", "file", "broken\n  in two", "Mend it."), 1),
    ],
)
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_an_error_is_one_line_on_stderr_with_its_code(
    error: ConsentryError, code: int, options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(frame, "load_command", lambda _: command_raising(error))
    assert frame.main(["count", *options]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"error: {' '.join(str(error).split())} [{error.code}]\n"


def test_ctrl_c_ends_quietly_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(frame, "load_command", lambda _: command_raising(KeyboardInterrupt()))
    assert frame.main(["count"]) == 130
    out, err = capsys.readouterr()
    assert (out, err.strip()) == ("", "")


def test_an_exit_code_set_by_a_command_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "load_command", lambda _: command_raising(click.exceptions.Exit(2)))
    assert frame.main(["count"]) == 2


def test_an_unforeseen_error_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "load_command", lambda _: command_raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        frame.main(["count"])


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"]])
def test_wrong_usage_ends_with_2_and_says_how_to_get_help(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("writes", ["click.echo('x')", "[click.echo('x' * 9999) for _ in range(99)]"], ids=["little", "much"])
def test_a_reader_that_went_away_is_no_error_on_the_terminal(writes: str) -> None:
    program = (
        "import sys, click; from consentry.cli import main as frame\n"
        f"frame.load_command = lambda _: click.Command('count', callback=lambda: {writes})\n"
        "sys.stdin.readline(); sys.exit(frame.main(['count']))"
    )
    started = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with started:
        assert started.stdin is not None
        assert started.stdout is not None
        assert started.stderr is not None
        started.stdout.close()
        started.stdin.write("go\n")
        started.stdin.close()
        assert started.stderr.read() == ""
    assert started.returncode == 1
