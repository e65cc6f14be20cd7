"""A person at a terminal: what keys make of a message, which /save shows, and what becomes of the terminal.

usage: terminal.py PROGRAM FOLDER   (PROGRAM: of words.py, with a context of some thousand tokens and no end)
"""
import fcntl
import json
import os
import pathlib
import pty
import select
import signal
import struct
import sys
import termios
import time

program, folder = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
wrong = 0


class Terminal:
    """A program in a terminal of 40 columns, and what it wrote."""

    def __init__(self, *arguments, state="state", kind="xterm", answers=3):
        self.pid, self.master = pty.fork()
        if not self.pid:
            os.environ |= {"TERM": kind, "XDG_STATE_HOME": str(folder / state)}
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execv(program, [program, "--chat", "-n", str(answers), "--temp", "0", *arguments])
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
        self.modes = termios.tcgetattr(self.master)
        self.output, self.seen = b"", 0
        self.expect("> ")

    def expect(self, text, timeout=60):
        """Waits for a text that comes after the last one."""
        end = time.time() + timeout
        while (at := self.output.find(text.encode(), self.seen)) < 0:
            if time.time() > end or not self.read(end - time.time()):
                raise SystemExit(f"expected {text!r} after {self.output[self.seen:]!r}; all: {self.output!r}")
        self.seen = at + len(text.encode())

    def read(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # the other side was closed
            data = b""
        self.output += data
        return bool(data)

    def type(self, keys):
        os.write(self.master, keys if isinstance(keys, bytes) else keys.encode())

    def say(self, keys):
        self.type(keys)
        self.type("\r")
        self.expect("the answer was cut")
        self.expect("> ")

    def end(self, keys="\x04"):
        """The exit status, once all is said; the terminal is as it was."""
        self.type(keys)
        while self.read(60):
            pass
        status = os.waitpid(self.pid, 0)[1]
        return os.waitstatus_to_exitcode(status), termios.tcgetattr(self.master) == self.modes

    def messages(self, name):
        """What was said, by /save."""
        (folder / name).unlink(missing_ok=True)
        self.type(f"/save {folder / name}\r")
        self.expect("messages written")
        self.expect("> ")
        return [message["content"] for message in json.loads((folder / name).read_text()) if message["role"] == "user"]


def same(what, expected, found):
    global wrong
    if expected != found:
        wrong += 1
        print(f"{what}: expected {expected!r}, found {found!r}")


def editing():
    talk = Terminal()
    talk.say("w5 w7\x1b[D\x1b[Dx\x7f\x1b[1;5D\x1b[1;5Dw4 \x05 w8")
    talk.say("w6 日本e\u0301\U0001f600\x7f\x7f ü" + " w9" * 40)
    talk.say("\x1b[200~w1 w2\r\nw3\n\tw4\n\x1b[201~")
    talk.say("w5\x1b\rw6")
    talk.say(b"w5 \xff\xc3 w6")
    talk.type("gone\x03")
    talk.expect("^C")
    talk.say("w10")
    talk.say("\x1b[A\x1b[A\x1b[B w11")
    expected = ["w4 w5 w7 w8", "w6 日本 ü" + " w9" * 40, "w1 w2\nw3\n\tw4", "w5\nw6", "w5 \ufffd\ufffd w6", "w10",
                "w10 w11"]
    same("what keys make", expected, talk.messages("keys.json"))
    talk.type("/hepl\r")
    talk.expect("did you mean /help?")
    talk.type("/exit\r")
    same("/exit", (0, True), talk.end(""))

    # What was typed is there for the next one, and for nobody else to read.
    talk = Terminal()
    talk.say("\x1b[A" * 4)
    same("history", ["w10 w11"], talk.messages("recalled.json"))
    talk.say("\x1b[A" * 7 + "\x0e")
    same("Ctrl-D", (0, True), talk.end())
    same("mode of the history", 0o600, (folder / "state/sinter/history").stat().st_mode & 0o777)
    talk = Terminal("--no-history", state="none")
    talk.say("w5")
    talk.end()
    same("--no-history", False, (folder / "none").exists())


def interrupting():
    talk = Terminal(answers=20000)
    talk.type("w5\r")
    talk.expect(" w")
    talk.type("\x03")
    talk.expect("\r\n")
    talk.expect("> ")
    talk.type("w6 typed\x03")
    talk.expect("^C")
    talk.type("\x03")
    talk.expect("(Ctrl-D or /exit ends)")
    same("the session goes on", ["w5"], talk.messages("stopped.json"))
    same("Ctrl-D after all that", (0, True), talk.end())
    talk = Terminal()
    os.kill(talk.pid, signal.SIGTERM)
    same("killed", (-signal.SIGTERM, True), talk.end(""))
    # No editor where a terminal can do nothing but lines.
    talk = Terminal(kind="dumb")
    talk.say("w5 w6")
    same("a dumb terminal", False, b"\x1b" in talk.output)
    talk.end()


editing()
interrupting()
print("all as expected" if not wrong else f"{wrong} wrong")
sys.exit(bool(wrong))
