import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import { tellAdmins } from './admins.ts'

/** `up`, or when it went, milliseconds since the epoch. Absent: it was never seen from here. */
const mark = 'public side'

/** Since when others cannot reach us, milliseconds since the epoch; undefined: they can, as far as it is known. */
export async function publicSideDownSince({
  store,
}: {
  readonly store: Pick<Deps['store'], 'findMark'>
}): Promise<number | undefined> {
  const value = await store.findMark(mark)
  return value === undefined || value === 'up' ? undefined : Number(value)
}

/** What was found at our own public URL. */
export type PublicSide = { readonly isUp: true } | { readonly isUp: false; readonly reason: string }

type World = Pick<Deps, 'store' | 'clock' | 'log' | 'identity' | 'permissionOf' | 'namedAdmins'>

const minute = 60_000

function lengthOf(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / minute))
  if (minutes < 120) return minutes === 1 ? 'a minute' : `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}

/**
 * Notes whether other servers can reach us, and tells the admins once when they cannot any more and
 * once when they can again, over restarts too. From inside some networks one's own public name can
 * never be reached: as long as it was not, nobody is told.
 */
export async function notePublicSide(found: PublicSide, world: World): Promise<void> {
  const { store, clock, identity, log } = world
  const before = await store.findMark(mark)
  const now = clock.now()
  const note = (value: string): Change => ({ change: 'mark', key: mark, value, at: now })
  const wasUp = before === undefined || before === 'up'
  if (found.isUp) {
    if (before === 'up') return
    if (wasUp) {
      await store.commit([note('up')])
      return
    }
    const away = lengthOf(now - Number(before))
    log.info({ url: identity.publicUrl, after: away }, 'our public URL leads here again')
    const text = `${identity.publicUrl} leads to me again, after ${away}. Most servers send what they had for me by themselves.`
    await store.commit([
      note('up'),
      ...(await tellAdmins({ key: `public side back ${before}`, text }, world)),
    ])
    return
  }
  if (before !== 'up') return
  const text = [
    `Other servers may not reach me: ${identity.publicUrl} does not lead to me any more (${found.reason}).`,
    'What they have for me they send again later, most of them for some days. `doctor` says what to mend. I will tell you when it is over.',
  ].join('\n')
  await store.commit([
    note(String(now)),
    ...(await tellAdmins({ key: `public side down ${now}`, text }, world)),
  ])
}
