import type { Clock, Log } from '../model/clock.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { pageOf } from '../model/trouble.ts'
import { instanceActorId } from './actor-document.ts'
import type { WebFinger } from './webfinger-client.ts'

export type LeadBackDeps = {
  readonly publicUrl: string
  readonly handleDomain: string
  readonly webFinger: Pick<WebFinger, 'askAbout'>
  readonly clock: Clock
  readonly log: Log
  /** The answer has changed. */
  readonly onChange: () => void
}

/** Whether the handle domain leads other servers to us. */
export type LeadBack = {
  /** True while activities of ours may leave. */
  readonly isOpen: () => boolean
  /** Asks now and again until `signal` aborts. Never rejects. */
  readonly watch: (signal: AbortSignal) => Promise<void>
}

/** While it is wrong an admin is mending it; while it is right only a slip could change it. */
const pauseWhileShut = 30_000
const pauseWhileOpen = 3_600_000

/** The line that mends it, for nginx; `footbridge init` prints more. */
const mendOf = ({ publicUrl, handleDomain }: LeadBackDeps): string =>
  `in the server block of ${handleDomain}: ` +
  `location = /.well-known/webfinger { return 301 ${publicUrl}$request_uri; }`

/**
 * A server that meets our handles first asks the handle domain whose they are. If that does not
 * lead to us, it refuses the account, some of them for a long time. So with a split domain nothing
 * leaves before the domain answers for us. A domain that does not answer at all says nothing: from
 * inside some networks one's own public names cannot be reached, or lead to a private address.
 */
export function createLeadBack(deps: LeadBackDeps): LeadBack {
  const { publicUrl, handleDomain, webFinger, clock, log } = deps
  const isSplit = new URL(publicUrl).host !== handleDomain
  const self = instanceActorId(publicUrl)
  let state: 'unknown' | 'open' | 'shut' = isSplit ? 'unknown' : 'open'

  const ask = async (): Promise<'open' | 'shut' | 'silent'> => {
    try {
      const { selves } = await webFinger.askAbout(handleDomain, self)
      return selves.includes(self) ? 'open' : 'shut'
    } catch (error) {
      if (error instanceof RejectedError)
        return error.code === 'forbidden-address' ? 'silent' : 'shut'
      if (error instanceof TransientError) return 'silent'
      throw error
    }
  }
  const look = async (): Promise<void> => {
    const answer = await ask()
    const next = answer === 'silent' ? (state === 'unknown' ? 'open' : state) : answer
    if (answer === 'shut') {
      log.error(
        { handleDomain, mend: mendOf(deps), see: pageOf('handle-domain') },
        'WebFinger does not lead to us; deliveries wait',
      )
    } else if (answer === 'silent') {
      log.warn(
        { handleDomain, see: pageOf('handle-domain') },
        'WebFinger of the handle domain does not answer from here',
      )
    }
    if (next === state) return
    state = next
    deps.onChange()
  }
  return {
    isOpen: () => state === 'open',
    async watch(signal) {
      if (!isSplit) return
      while (!signal.aborted) {
        await look()
        await clock.sleep(state === 'open' ? pauseWhileOpen : pauseWhileShut, signal)
      }
    },
  }
}
