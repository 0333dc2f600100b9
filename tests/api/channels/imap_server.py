"""A small IMAP4rev1 server (RFC 3501, with MOVE, UIDPLUS and STARTTLS if asked for) that keeps its mails in memory.

It speaks to any client of these commands, and can be told to break off, to forget its numbers, and to be odd.
"""

import re
import socketserver
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.api.channels import imap_words as words


@dataclass
class Mail:
    uid: int
    data: bytes
    flags: set = field(default_factory=set)
    at: datetime = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class ImapServer:
    """Folders with mails. `on_command(command)` is called before each and may return "drop" to break off."""

    def __init__(self, *, user="walls@qz-tuman-77.kz", password="dom 7 (dvor)", capabilities=("MOVE", "UIDPLUS")):
        self.user, self.password, self.capabilities = user, password, list(capabilities)
        self.folders, self.validity, self.next_uid = {"INBOX": []}, 1700000001, 1
        self.on_command, self.structures, self.sent_bytes = lambda _command: None, {}, 0
        self.commands, self.tls = [], None
        self._server = None

    def put(self, data, *, folder="INBOX", flags=(), at=None):
        """Deliver a mail; its number."""
        mail = Mail(self.next_uid, data if isinstance(data, bytes) else data.as_bytes(), set(flags))
        if b"\r\n" not in mail.data[:2000]:
            mail.data = mail.data.replace(b"\n", b"\r\n")
        mail.at = at or mail.at
        self.next_uid += 1
        self.folders.setdefault(folder, []).append(mail)
        return mail.uid

    def mail(self, uid, folder="INBOX"):
        return next((each for each in self.folders[folder] if each.uid == uid), None)

    def warm(self):
        """Take large mails apart before somebody asks."""
        for mail in self.folders["INBOX"]:
            words.answer(mail, "BODYSTRUCTURE")
            for section in ("HEADER", "1", "2"):
                words.answer(mail, f"BODY.PEEK[{section}]<0.1>")

    def wait_for(self, what):
        """Wait until something is so; AssertionError when it does not become so."""
        end = time.monotonic() + 10
        while not what():
            assert time.monotonic() < end
            time.sleep(0.02)

    def number_anew(self):
        """Every mail gets another number, as after a restored backup."""
        self.validity += 1
        for mails in self.folders.values():
            for number, mail in enumerate(mails, start=1):
                mail.uid = number
        self.next_uid = max((len(mails) for mails in self.folders.values()), default=0) + 1

    @contextmanager
    def open(self, port=0):
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True

            def handle(self):
                with suppress(OSError):
                    Session(outer, self).run()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(10)


class Session:
    """One client."""

    def __init__(self, server, handler):
        self.server, self.handler = server, handler
        self.reader, self.folder, self.is_in = handler.rfile, None, False

    def say(self, *parts):
        data = b"".join(part if isinstance(part, bytes) else part.encode() for part in parts) + b"\r\n"
        self.server.sent_bytes += len(data)
        self.handler.connection.sendall(data)

    def run(self):
        self.say("* OK ready")
        while line := self.reader.readline():
            tag, name, arguments = self.command(line)
            shown = b" ".join(each if isinstance(each, bytes) else str(each).encode() for each in (name, *arguments))
            self.server.commands.append(shown.decode("utf-8", "replace"))
            if self.server.on_command(self.server.commands[-1]) == "drop":
                return
            if name == b"LOGOUT":
                self.say("* BYE bye")
                self.say(tag, b" OK done")
                return
            self.answer(tag, name, arguments)

    def command(self, line):
        """A command and its arguments; literals are asked for and read."""
        while found := re.search(rb"\{([0-9]+)(\+?)\}\r\n$", line):
            if not found[2]:
                self.say("+ go on")
            literal = self.reader.read(int(found[1]))
            quoted = b'"' + literal.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
            line = line[: found.start()] + quoted + self.reader.readline()
        tag, name, *arguments = words.tokens(line.strip())
        name = name.upper()
        if name == b"UID":
            name += b" " + arguments.pop(0).upper()
        return tag, name, arguments

    def answer(self, tag, name, arguments):
        method = getattr(self, "do_" + name.decode("latin-1").lower().replace(" ", "_"), None)
        if method is None:
            return self.say(tag, b" BAD unknown command")
        if not self.is_in and name not in {b"CAPABILITY", b"LOGIN", b"STARTTLS", b"NOOP"}:
            return self.say(tag, b" NO sign in first")
        try:
            return self.say(tag, b" ", method(*arguments) or b"OK done")
        finally:
            if name == b"STARTTLS" and self.server.tls:
                self.handler.connection = self.server.tls.wrap_socket(self.handler.connection, server_side=True)
                self.reader = self.handler.connection.makefile("rb")

    def do_capability(self):
        more = ["STARTTLS"] if self.server.tls else []
        self.say("* CAPABILITY IMAP4rev1 ", " ".join([*self.server.capabilities, *more]))

    def do_starttls(self):
        return b"OK begin" if self.server.tls else b"NO not here"

    def do_noop(self):
        pass

    def do_login(self, user, password):
        self.is_in = (user.decode(), password.decode()) == (self.server.user, self.server.password)
        return b"OK in" if self.is_in else b"NO [AUTHENTICATIONFAILED] wrong"

    def do_select(self, name):
        folder = name.decode()
        if folder not in self.server.folders:
            return b"NO [NONEXISTENT] no such folder"
        self.folder = folder
        self.say(r"* FLAGS (\Seen \Deleted \Flagged)")
        self.say(f"* {len(self.mails())} EXISTS")
        self.say("* 0 RECENT")
        self.say(f"* OK [UIDVALIDITY {self.server.validity}] ok")
        self.say(f"* OK [UIDNEXT {self.server.next_uid}] ok")
        return b"OK [READ-WRITE] selected"

    def do_list(self, _reference, name):
        if name.decode() in self.server.folders:
            self.say(r'* LIST (\HasNoChildren) "/" "', name, '"')

    def do_create(self, name):
        self.server.folders.setdefault(name.decode(), [])

    def do_uid_search(self, *criteria):
        found = words.search(list(criteria), self.mails())
        self.say("* SEARCH" + "".join(f" {mail.uid}" for mail in found))

    def do_uid_fetch(self, uids, *items):
        wanted = words.items(items)
        for number, mail in enumerate(self.mails(), start=1):
            if not words.is_in(mail.uid, uids, self.mails()):
                continue
            structure = self.server.structures.get(mail.uid)
            answers = [words.answer(mail, item, structure) for item in wanted]
            self.say(f"* {number} FETCH (UID {mail.uid} ".encode(), b" ".join(answers), b")")

    def do_uid_store(self, uids, action, *flags):
        for mail in self.chosen(uids):
            named = {flag.decode().strip("()") for flag in flags}
            mail.flags = mail.flags | named if action.startswith(b"+") else mail.flags - named

    def do_uid_copy(self, uids, folder):
        if folder.decode() not in self.server.folders:
            return b"NO [TRYCREATE] no such folder"
        for mail in self.chosen(uids):
            self.server.put(mail.data, folder=folder.decode(), flags=mail.flags, at=mail.at)
        return b"OK copied"

    def do_uid_move(self, uids, folder):
        answer = self.do_uid_copy(uids, folder)
        if answer.startswith(b"OK"):
            self.drop(self.chosen(uids))
        return answer

    def do_uid_expunge(self, uids):
        self.drop([mail for mail in self.chosen(uids) if r"\Deleted" in mail.flags])

    def mails(self):
        return self.server.folders[self.folder]

    def chosen(self, uids):
        return [mail for mail in self.mails() if words.is_in(mail.uid, uids, self.mails())]

    def drop(self, mails):
        for mail in mails:
            number = self.mails().index(mail) + 1
            self.mails().remove(mail)
            self.say(f"* {number} EXPUNGE")
