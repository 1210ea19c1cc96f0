import type { Clock, Log } from '../model/clock.ts'
import { pageOf } from '../model/trouble.ts'
import { looksOf } from './ask.ts'
import { sendToUs } from './echo.ts'
import type { Means } from './ports.ts'

/** What was found at our own public URL. */
type Seen = { readonly isUp: true } | { readonly isUp: false; readonly reason: string }

export type WatchDeps = Pick<Means, 'web'> & {
  readonly publicUrl: string
  readonly hsToken: string
  /** Whether the domain of the handles leads to us. */
  readonly isLeading: () => boolean
  /** Hears of it each time that it is sure. */
  readonly note: (seen: Seen) => Promise<void>
  readonly clock: Clock
  readonly log: Log
}

const [pause, pauseInDoubt] = [300_000, 60_000]
/** So often in a row it has to fail before it is said: a web server may be restarted. */
const sureAfter = 3

async function look({ publicUrl, hsToken, web, clock, isLeading }: WatchDeps): Promise<Seen> {
  const us = { publicUrl, hsToken }
  const found = await sendToUs(us, { web, now: clock.now }, { method: 'GET' })
  if ('other' in found) return { isUp: false, reason: looksOf(found.other) }
  if ('silent' in found) return { isUp: false, reason: found.silent }
  if (isLeading()) return { isUp: true }
  return { isUp: false, reason: 'the domain of the handles does not lead here' }
}

/** Looks at our own public URL now and again until `signal` aborts. Never rejects. */
export async function watchPublicUrl(deps: WatchDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, note, publicUrl } = deps
  let failures = 0
  await clock.sleep(pauseInDoubt, signal)
  while (!signal.aborted) {
    const seen = await look(deps)
    failures = seen.isUp ? 0 : failures + 1
    if (!seen.isUp && failures === sureAfter) {
      const see = pageOf('public-url-unreachable')
      log.error({ url: publicUrl, reason: seen.reason, see }, 'our public URL does not lead here')
    }
    try {
      if (seen.isUp || failures >= sureAfter) await note(seen)
    } catch (error) {
      // A full disk, perhaps: the next look tells it again.
      log.warn({ error: String(error) }, 'could not note how our public URL is')
    }
    const isInDoubt = failures > 0 && failures < sureAfter
    await clock.sleep(isInDoubt ? pauseInDoubt : pause, signal)
  }
}
