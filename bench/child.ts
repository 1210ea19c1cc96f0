/* eslint @typescript-eslint/no-unnecessary-type-parameters: "off" -- the caller knows what its parent sends */
/** The child's side of `subject.ts`. */

type Asked = { readonly id: number; readonly ask: string; readonly with: unknown }

/** The settings that `startSubject` was given. */
export function settingsOf<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T
}

/** Answers each `ask(name)` of the parent with what `work` resolves to. */
export function answer<T>(name: string, work: (given: T) => unknown): void {
  process.channel?.ref()
  process.on('message', (message: Asked) => {
    if (message.ask === name) void reply(message.id, async () => work(message.with as T))
  })
}

async function reply(id: number, work: () => Promise<unknown>): Promise<void> {
  try {
    process.send?.({ id, value: await work() })
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.stack : String(error) })
  }
}

/** Tells the parent that measuring may begin. */
export function ready(): void {
  // An end of its own writes the profile that `BENCH_FLAGS` asks for.
  process.once('SIGTERM', () => process.exit())
  process.send?.({ id: 0 })
}
