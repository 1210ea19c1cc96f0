import type { Clock, Log } from './model/clock.ts'
import type { Config } from './config/config.ts'
import type { Homeserver, Identity } from './bridge/ports.ts'
import type { Store } from './bridge/store-port.ts'
import { botName } from './model/display-name.ts'
import { asUserId } from './model/ids.ts'
import { troubleOfHomeserver } from './matrix/probe.ts'
import { TroubleError, pageOf } from './model/trouble.ts'

/** Who we are on both sides. */
export function identityOf({ homeserver, appservice, activitypub }: Config): Identity {
  return {
    serverName: homeserver.serverName,
    bot: asUserId(`@${appservice.botLocalpart}:${homeserver.serverName}`),
    prefix: appservice.prefix,
    publicUrl: activitypub.publicUrl,
    handleDomain: activitypub.handleDomain,
    commandPrefix: appservice.commandPrefix,
  }
}

export type IntroduceDeps = {
  readonly homeserver: Pick<Homeserver, 'register' | 'setDisplayName'>
  readonly ping: () => Promise<'reached' | 'unreached' | 'unknown'>
  readonly identity: Identity
  readonly clock: Clock
  readonly log: Log
}

/** What an administrator looks for in the log after each start. */
const welcomes = {
  reached: 'the homeserver and Footbridge reach each other',
  unknown:
    'the homeserver knows Footbridge; it has no ping, so write to the bot to see whether it is reached',
}

const firstPause = 5_000
const longestPause = 60_000

/**
 * The homeserver may be away at the start: the bot is made once it is there, and it is asked to send
 * at once what it held back for us. Ends when both were done or `signal` aborts; never rejects.
 */
export async function introduce(deps: IntroduceDeps, signal: AbortSignal): Promise<void> {
  const { homeserver, identity, clock, log } = deps
  const isOver = () => signal.aborted
  for (let pause = firstPause; !isOver(); pause = Math.min(pause * 2, longestPause)) {
    try {
      await homeserver.register(identity.bot)
      await homeserver.setDisplayName(identity.bot, botName)
      const ping = await deps.ping()
      if (ping !== 'unreached') {
        log.info(ping === 'unknown' ? { see: 'docs/deploying.md#homeservers' } : {}, welcomes[ping])
        return
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      // Cut off in the middle, it was us who were not.
      const see = pageOf(troubleOfHomeserver(error))
      if (!isOver()) log.warn({ reason, see }, 'the homeserver is not ready')
    }
    await clock.sleep(pause, signal)
  }
}

type Names = {
  readonly serverName: string
  readonly publicUrl: string
  readonly handleDomain: string
}

const namesOf = ({ serverName, publicUrl, handleDomain }: Identity): Names => ({
  serverName,
  publicUrl,
  handleDomain,
})

const settingOf: Readonly<Record<keyof Names, string>> = {
  serverName: 'homeserver.server_name',
  publicUrl: 'activitypub.public_url',
  handleDomain: 'activitypub.handle_domain',
}

const mark = 'names'

/**
 * Actor ids and handles are known all over the fediverse under the names they were made with. From
 * the first actor on those names are kept: a start with others throws an Error for the admin.
 */
export async function keepNames(
  store: Pick<Store, 'findMark' | 'commit'> & {
    stats(now: number): Promise<{ readonly localActors: number }>
  },
  identity: Identity,
  now: number,
): Promise<void> {
  const names = namesOf(identity)
  const kept = await store.findMark(mark)
  const { localActors } = await store.stats(now)
  if (kept === undefined || localActors === 0) {
    await store.commit([{ change: 'mark', key: mark, value: JSON.stringify(names), at: now }])
    return
  }
  const before = JSON.parse(kept) as Names
  for (const name of ['serverName', 'publicUrl', 'handleDomain'] as const) {
    if (before[name] === names[name]) continue
    throw new TroubleError(
      'names-changed',
      `${settingOf[name]} is ${names[name]}, but the accounts in this database were made with ` +
        `${before[name]}, which other servers know for good`,
      { mend: `Put ${before[name]} back, or start with a new database.` },
    )
  }
}
