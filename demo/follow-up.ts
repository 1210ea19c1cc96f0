import { setTimeout as sleep } from 'node:timers/promises'
import type { Received } from '../test/e2e/support/control-peer.ts'
import type { MatrixEvent } from '../test/e2e/support/matrix-client.ts'
import type { Row } from './columns.ts'
import { bodyOf, isInvite, objectOf, wordsOf } from './senses.ts'
import type { Stage } from './stage.ts'

type Audience = {
  readonly tell: (row: Row) => void
  /** Settles when nobody looks any more. */
  readonly stopped: Promise<unknown>
}

/** Shows what arrives on either side until it is told to stop; a server that is away is waited for. */
export async function followUp(stage: Stage, { tell, stopped }: Audience): Promise<void> {
  const { alice, fediverse } = stage
  const end = new AbortController()
  void stopped.then(() => end.abort())
  const seen = new Set((await alice.seen()).map(({ event_id }) => event_id))
  let heard = (await fediverse.received()).length
  while (!end.signal.aborted) {
    try {
      const events = (await alice.seen()).filter(({ event_id }) => !seen.has(event_id))
      for (const event of events) {
        seen.add(event.event_id)
        rowOfEvent(event, stage).forEach(tell)
      }
      const received = await fediverse.received(heard)
      heard += received.length
      received.flatMap(rowOfActivity).forEach(tell)
    } catch {
      // Somebody tries what happens when a server is away.
    }
    await Promise.race([sleep(300), stopped])
  }
}

const localpart = (userId: string): string => userId.slice(1).split(':')[0] ?? userId

/** `@_ap_bob_127.0.0.1=3a8712:demo.localhost` is bob. */
const nameOf = (userId: string): string => localpart(userId).replace(/^_ap_(.+)_[^_]*$/, '$1')

function rowOfEvent(event: MatrixEvent, { alice }: Stage): readonly Row[] {
  const name = nameOf(event.sender)
  const isGhost = localpart(event.sender).startsWith('_ap_')
  const from = isGhost ? ({ way: 'left', fediverse: name } as const) : {}
  if (isInvite(alice.userId, event)) return [{ matrix: `${name} invites alice` }]
  if (event.type === 'm.room.redaction') {
    return [{ matrix: `${name} removes a message`, ...from }]
  }
  if (event.type === 'm.reaction') return [{ matrix: `${name} reacts`, ...from }]
  if (event.type !== 'm.room.message') return []
  return [{ matrix: `${name}: ${bodyOf(event)}`, ...from }]
}

function rowOfActivity({ activity, status }: Received): readonly Row[] {
  if (status >= 300) return []
  const words = wordsOf(activity) || String(objectOf(activity)['id'])
  return [{ way: 'right', fediverse: `${activity.type}: ${words}` }]
}
