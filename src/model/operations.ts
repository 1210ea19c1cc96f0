/** The least important lines that are logged. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

export type ProcessFacts = {
  readonly version: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Bytes of memory that it holds, and of disk that the database fills. */
  readonly memory: number
  readonly databaseSize: number
}

/** What an admin may have the process itself do. */
export type Operations = {
  readonly logLevel: () => LogLevel
  readonly setLogLevel: (level: LogLevel) => void
  /**
   * Copies the database into a new file beside it: as it is at one moment before the promise resolves.
   * Others work on meanwhile. `bytes`: the size of the copy.
   */
  readonly backup: () => Promise<{ readonly path: string; readonly bytes: number }>
  readonly facts: () => ProcessFacts
}
