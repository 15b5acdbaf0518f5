import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { mlmodel, surroundings } from '../../src/mlflow/model-package/model-files.ts'
import type { RegisteredFolder } from '../../src/mlflow/registry.ts'

/** Answers without an agent: tells which version it is, and what it was asked. */
const code = (says: string): string => `import os
import mlflow
import pandas as pd


class Small(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        with open(context.artifacts["agent"] + "/says.txt") as file:
            self.says = file.read()
        if os.environ.get("BREAK") == "load":
            raise RuntimeError("told to break while loading")
        print("small model is up: " + self.says, flush=True)

    def predict(self, context, model_input, params=None):
        asked = list(model_input["question"])
        return pd.DataFrame({
            "html": ["<!doctype html><p>" + self.says + "</p>" for _ in asked],
            "slide_count": [1 for _ in asked],
            "trace_url": [os.environ.get("TRACE_URL", "") for _ in asked],
            "error": ["" for _ in asked],
            "genie_conversation_id": ["" for _ in asked],
            "deck": ["" for _ in asked],
            "status": ["answered" for _ in asked],
            "answer": [self.says + ": " + question for question in asked],
        })


# ${says}
mlflow.models.set_model(Small())
`

/**
 * Writes a model folder like that of `deckhand package`, but with a few small files, which MLflow loads in a moment. It
 * answers with `says`.
 */
export async function writeModelFolder(dir: string, says = 'one'): Promise<RegisteredFolder> {
  const contentHash = createHash('sha256').update(says).digest('hex')
  const files = new Map([
    ...surroundings(),
    ['model.py', code(says)],
    ['artifacts/agent/says.txt', says],
    ['artifacts/agent/a name with space & ümlaut.txt', says],
    ['MLmodel', mlmodel({ uuid: contentHash.slice(0, 32), createdAt: 1_700_000_000_000 })],
  ])
  for (const [path, text] of files) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), text)
  }
  return { dir, version: '1.2.3', commit: 'abc123', contentHash }
}
