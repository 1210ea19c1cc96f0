import { fork } from 'node:child_process'
import { play, type Outcome, type PlayOptions } from './play.ts'

/** What one run came to, as it goes from one process to another; `acts`: how often each kind was done. */
export type Told = {
  readonly seed: string
  readonly violations: readonly string[]
  readonly crashes: number
  readonly acts: Readonly<Record<string, number>>
}

type FromWorker = { readonly isReady: true } | { readonly told: Told }

export const toldOf = ({ seed, violations, counts, acts }: Outcome): Told => ({
  ...{ seed, violations },
  crashes: counts['crashes'] ?? 0,
  acts: Object.fromEntries(acts),
})

const failed = (seed: string, why: string): Told => ({
  ...{ seed, crashes: 0, acts: {} },
  violations: [`the simulation failed: ${why}`],
})

/** As `play`; a run that ends with an error kept no promise either. */
export async function playAndTell(seed: string, options: PlayOptions = {}): Promise<Told> {
  try {
    return toldOf(await play(seed, options))
  } catch (error) {
    return failed(seed, error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

/** The worker's side of `playShared`. Ends with its parent. */
export function serve(): void {
  const say = (message: FromWorker): void => void process.send?.(message)
  process.on('disconnect', () => process.exit())
  process.on('message', (seed: string) => void playAndTell(seed).then((told) => say({ told })))
  say({ isReady: true })
}

type Work = {
  /** A seed that nobody has yet; undefined: there is none. */
  readonly take: () => string | undefined
  readonly hear: (told: Told) => void
}

/**
 * Plays `count` seeds from the number `from` on in processes of their own, `workers` at a time, and
 * tells of each run as it ends. `program` is the file of a worker (`serve`). The death of a process is
 * told of as a run that failed, and another one goes on behind it; rejects when one does not start.
 */
export async function playShared(
  shares: {
    readonly from: number
    readonly count: number
    readonly workers: number
    readonly program: string
  },
  hear: (told: Told) => void,
): Promise<void> {
  const { from, count, workers, program } = shares
  let next = from
  const take = (): string | undefined => (next < from + count ? String(next++) : undefined)
  const lane = async (): Promise<void> => {
    while (await liveOnce(program, { take, hear }));
  }
  await Promise.all(Array.from({ length: Math.min(workers, count) }, lane))
}

/** One worker, until nothing is left (false) or it dies (true). */
function liveOnce(program: string, { take, hear }: Work): Promise<boolean> {
  const child = fork(program)
  let isReady = false
  let seed: string | undefined
  child.on('message', (message: FromWorker) => {
    isReady = true
    if ('told' in message) hear(message.told)
    seed = take()
    if (seed === undefined) child.disconnect()
    else child.send(seed)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => {
      if (isReady && seed === undefined) resolve(false)
    })
    // Only then nothing that it said is still under way; nobody tells so of one that we let go.
    child.once('close', (code, signal) => {
      const how = `its process ended with ${signal ?? String(code)}`
      if (!isReady) reject(new Error(`a worker did not start: ${how}`))
      if (seed !== undefined) hear(failed(seed, how))
      resolve(seed !== undefined)
    })
  })
}
