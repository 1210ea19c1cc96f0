import type { RoomId } from '../../src/model/ids.ts'
import type { Account, Document } from '../fakes/fediverse.ts'
import { idOf } from '../fakes/fediverse-account.ts'
import { isOurs } from './world.ts'
import type { Stage } from './stage.ts'

/** One event that shows a text, wherever. */
export type Shown = {
  readonly roomId: RoomId
  readonly eventId: string
  readonly sender: string
  readonly type: string
  readonly text: string
  /** The event that it replaces. */
  readonly replaces: string | undefined
  readonly index: number
}

type Json = Readonly<Record<string, unknown>>
const recordOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? { ...value } : {}
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Every text in every room of the homeserver, oldest first in each room. */
export function everythingShown({ world }: Stage): Shown[] {
  return world.homeserver.rooms().flatMap((roomId) =>
    world.homeserver.timeline(roomId).flatMap((event, index): Shown[] => {
      const content = recordOf(event['content'])
      const relation = recordOf(content['m.relates_to'])
      const isEdit = relation['rel_type'] === 'm.replace'
      const shown = isEdit ? recordOf(content['m.new_content']) : content
      const text = textOf(shown['body'])
      if (text === '') return []
      return [
        {
          ...{ roomId, text, index },
          eventId: textOf(event['event_id']),
          sender: textOf(event['sender']),
          type: textOf(event['type']),
          replaces: isEdit ? textOf(relation['event_id']) : undefined,
        },
      ]
    }),
  )
}

/** People of Matrix (no ghosts, no bot) who are in a room or invited to it. */
export const peopleIn = (roomId: RoomId, { world }: Stage): string[] =>
  (['join', 'invite'] as const)
    .flatMap((membership) => world.homeserver.members(roomId, membership))
    .filter((userId) => !isOurs(userId))
    .sort()

/** An activity as it first arrived at an inbox. */
export type Arrival = {
  readonly inbox: string
  readonly host: string
  /** Whose personal inbox it is; undefined for a shared one. */
  readonly account: Account | undefined
  readonly activity: Document
  readonly id: string
  readonly type: string
  readonly object: string
  readonly content: string
  readonly at: number
}

/** What arrived at inboxes, each activity once per inbox. */
export function arrivals({ world, accounts }: Stage): Arrival[] {
  const known = new Set<string>()
  return world.fediverse.deliveries.flatMap(({ inbox, activity, at }): Arrival[] => {
    const id = idOf(activity)
    if (known.has(`${id} ${inbox}`)) return []
    known.add(`${id} ${inbox}`)
    return [
      {
        ...{ inbox, activity, id, at },
        host: new URL(inbox).host,
        account: accounts.find((account) => account.inbox === inbox),
        type: textOf(activity['type']),
        object: idOf(activity['object']),
        content: textOf(recordOf(activity['object'])['content']),
      },
    ]
  })
}

/** Whether that inbox is the account's own or the one of its server. */
export const reaches = (arrival: Arrival, account: Account): boolean =>
  arrival.account === undefined ? arrival.host === account.host : arrival.account === account

/** One line that names a post which stands there already, where its words are not alone. */
export const isBoostLine = (text: string): boolean => /: (?:post|better) mark\d+x/.test(text)
