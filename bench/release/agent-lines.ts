import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { isRecord, parseRecord } from '../../sandbox/local/json.ts'

/** The packaged agent without Python round it: rows go in as lines, answers come back as lines. */
export interface AgentLines extends AsyncDisposable {
  /** → the answer's columns */
  ask(row: object): Promise<Readonly<Record<string, unknown>>>
}

/** Starts the program as `model.py` does. Rejects when it is not ready, or ends while a row waits. */
export async function startAgentLines(program: string, env: Readonly<Record<string, string>>): Promise<AgentLines> {
  const child = spawn(process.execPath, [program], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = Promise.withResolvers<void>()
  child.once('exit', () => exited.resolve())
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  async function next(): Promise<Readonly<Record<string, unknown>>> {
    const line = await lines.next()
    if (line.done === true) throw new Error('The agent ended')
    return parseRecord(line.value)
  }
  const first = await next()
  if (first['ready'] !== true) throw new Error(`The agent is not ready: ${JSON.stringify(first)}`)
  let asked = 0
  return {
    async ask(row) {
      asked += 1
      child.stdin.write(`${JSON.stringify({ id: asked, row })}\n`)
      const { id, answer } = await next()
      if (id !== asked || !isRecord(answer)) throw new Error(`Row ${asked} got no answer`)
      return answer
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await exited.promise
    },
  }
}
