import type { FakeHomeserver } from '../fakes/homeserver.ts'
import type { Time } from './time.ts'
import type { Weather } from './weather.ts'

export type Pusher = {
  /** Looks for events that wait, soon. Called whenever something may have happened. */
  nudge(): void
  /** The application service was heard of: what was put off is tried at once. */
  retryNow(): void
}

const longestPause = 512_000

/** The homeserver's loop that offers transactions to the bridge, with Synapse's pauses after a refusal. */
export function createPusher(
  homeserver: Pick<FakeHomeserver, 'pending' | 'pushOnce'>,
  { time, weather }: { readonly time: Time; readonly weather: Weather },
): Pusher {
  let isPlanned = false
  let isAtWork = false
  let refusals = 0
  let cancel = (): void => undefined

  const plan = (ms: number): void => {
    cancel()
    isPlanned = true
    cancel = time.after(ms, () => {
      isPlanned = false
      void push()
    })
  }
  const push = async (): Promise<void> => {
    if (isAtWork) return
    if (weather.isAway('homeserver')) {
      plan(60_000)
      return
    }
    isAtWork = true
    const outcome = await homeserver.pushOnce()
    isAtWork = false
    refusals = outcome === 'refused' ? refusals + 1 : 0
    if (outcome === 'refused') plan(Math.min(1000 * 2 ** refusals, longestPause))
    else if (homeserver.pending() > 0) plan(weather.latency())
  }
  return {
    nudge() {
      if (!isPlanned && !isAtWork && homeserver.pending() > 0) plan(weather.latency())
    },
    retryNow() {
      refusals = 0
      if (!isAtWork && homeserver.pending() > 0) plan(weather.latency())
    },
  }
}
