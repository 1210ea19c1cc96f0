/** Time and chance are ports, so that the whole bridge runs in a seeded simulation. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`, or at once (never rejects) when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export type Random = {
  /** 0 ≤ n < 1 */
  number(): number
  /** An unguessable id of 22 characters `[A-Za-z0-9_-]` (128 bit). */
  id(): string
}

/** Structured log: one line, no message bodies, no tokens. */
export type Log = {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}
