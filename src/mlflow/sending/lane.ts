/** Runs one task at a time, in the order they were given: MLflow on SQLite fails writers that come at once. */
export interface Lane {
  /** Rejects as `task` does; a failed task does not stop the next. */
  run<T>(task: () => Promise<T>): Promise<T>
}

export function createLane(): Lane {
  let last: Promise<unknown> = Promise.resolve()
  return {
    run<T>(task: () => Promise<T>): Promise<T> {
      const result = last.then(task, task)
      last = result.catch(() => {})
      return result
    },
  }
}
