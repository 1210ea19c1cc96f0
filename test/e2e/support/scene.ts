import type { MatrixClient, MatrixEvent } from './matrix-client.ts'
import type { Guest } from './stack.ts'
import { waitUntil } from './wait.ts'

/** What end-to-end tests ask of a room, in terms of the independent client. */

export const bodyOf = ({ content }: MatrixEvent): string =>
  typeof content['body'] === 'string' ? content['body'] : ''

type Relation = {
  readonly rel_type?: string
  readonly event_id?: string
  readonly key?: string
  readonly is_falling_back?: boolean
  readonly 'm.in_reply_to'?: { readonly event_id: string }
}

export const relationOf = ({ content }: MatrixEvent): Relation | undefined =>
  content['m.relates_to'] as Relation | undefined

export const idOf = ({ event_id }: MatrixEvent): string => event_id ?? ''

const isMessage = (event: MatrixEvent): boolean => event.type === 'm.room.message'
const isEdit = (event: MatrixEvent): boolean => relationOf(event)?.rel_type === 'm.replace'

/** The first message of that room with this text in it, once it is there; edits do not count. */
export const shown = (client: MatrixClient, roomId: string, text: string): Promise<MatrixEvent> =>
  client.waitFor(
    (event) =>
      event.room_id === roomId &&
      isMessage(event) &&
      !isEdit(event) &&
      bodyOf(event).includes(text),
    { what: `"${text}"` },
  )

/** The edit that gives a message this text. */
export const editedTo = (
  client: MatrixClient,
  target: string,
  text: string,
): Promise<MatrixEvent> =>
  client.waitFor(
    (event) => {
      const fresh = event.content['m.new_content'] as { body?: string } | undefined
      const relation = relationOf(event)
      return (
        relation?.rel_type === 'm.replace' &&
        relation.event_id === target &&
        fresh?.body?.includes(text) === true
      )
    },
    { what: `an edit to "${text}"` },
  )

/** The redaction of an event (`redacts` stands in the content from room version 11 on). */
export const redacted = (client: MatrixClient, target: string): Promise<MatrixEvent> =>
  client.waitFor(
    ({ type, redacts, content }) =>
      type === 'm.room.redaction' && (redacts ?? content['redacts']) === target,
    { what: `the redaction of ${target}` },
  )

/** Messages of a room as they stand now, edits left out, oldest first. */
export const messagesIn = async (
  client: MatrixClient,
  roomId: string,
): Promise<readonly MatrixEvent[]> =>
  (await client.messages(roomId)).filter((event) => isMessage(event) && !isEdit(event))

export const bodiesIn = async (client: MatrixClient, roomId: string): Promise<readonly string[]> =>
  (await messagesIn(client, roomId)).map(bodyOf)

/** Until somebody's membership of a room is this one, as a member of the room sees it. */
export const membership = (
  client: MatrixClient,
  roomId: string,
  expected: { readonly of: string; readonly is: string },
): Promise<true> =>
  waitUntil(
    `${expected.of} to be "${expected.is}" in ${roomId}`,
    async () => (await client.members(roomId)).get(expected.of) === expected.is,
  )

/** Until this user is no longer in the room. */
export const isOut = (client: MatrixClient, roomId: string): Promise<MatrixEvent> =>
  client.waitFor(
    (event) =>
      event.type === 'm.room.member' &&
      event.room_id === roomId &&
      event.state_key === client.userId &&
      ['leave', 'ban'].includes(String(event.content['membership'])),
    { what: `the end of the membership in ${roomId}` },
  )

/** The alias of the room that stands for an account. */
export const portalAlias = (handle: string, serverName = 'matrix.test'): string =>
  `#_ap_${handle.slice(1).replace('@', '_').replace(':', '=3a')}:${serverName}`

/** The ghost that stands for an account. */
export const ghostId = (handle: string): string => portalAlias(handle).replace('#', '@')

const invitedBy = async (
  client: MatrixClient,
  isIt: (event: MatrixEvent) => boolean,
  what: string,
): Promise<string> => (await client.waitFor(isIt, { what })).room_id

/** Joins the room with that alias or name as soon as an invite to it is there. */
export async function enter(client: MatrixClient, aliasOrName: string): Promise<string> {
  const isIt = ({ type, content }: MatrixEvent): boolean =>
    (type === 'm.room.canonical_alias' && content['alias'] === aliasOrName) ||
    (type === 'm.room.name' && content['name'] === aliasOrName)
  const roomId = await invitedBy(client, isIt, `an invite to ${aliasOrName}`)
  await waitUntil(`joining ${aliasOrName}`, () => client.join(roomId))
  return roomId
}

/** Follows an account and joins its portal. */
export async function follow(
  guest: Guest,
  account: { readonly id: string; readonly handle: string },
  serverName?: string,
): Promise<string> {
  await guest.client.text(guest.management, `follow ${account.id}`)
  return enter(guest.client, portalAlias(account.handle, serverName))
}

/** What the bot says to somebody in their chat, once it contains `text`. */
export const told = async (guest: Guest, text: string): Promise<string> =>
  bodyOf(await shown(guest.client, guest.management, text))

/** Types a line to the bot and waits for the notice that contains `text`, unlike any before it. */
export const ask = ({ client, management }: Guest, line: string, text: string): Promise<string> =>
  askIn(client, management, { line, text })

/** The same in any room, where others than the bot may write, too: whose answer it has to be. */
export async function askIn(
  client: MatrixClient,
  roomId: string,
  { line, text, by }: { readonly line: string; readonly text: string; readonly by?: string },
): Promise<string> {
  const before = new Set((await client.seen()).map(idOf))
  await client.text(roomId, line)
  const answer = await client.waitFor(
    (event) =>
      event.room_id === roomId &&
      (by === undefined ? event.sender !== client.userId : event.sender === by) &&
      isMessage(event) &&
      !before.has(idOf(event)) &&
      bodyOf(event).includes(text),
    { what: `the answer "${text}" to ${line}` },
  )
  return bodyOf(answer)
}

/** Until accounts of these names, at whatever server, are all among somebody's followers. */
export const followedBy = (guest: Guest, names: readonly string[]): Promise<true> =>
  waitUntil('everybody follows', async () => {
    // At first, nobody does.
    const told = await ask(guest, 'followers', 'follow')
    return names.every((name) => told.includes(`@${name}@`))
  })

/** The profile room of somebody who has published nothing yet. */
export async function openProfile(guest: Guest): Promise<string> {
  await guest.client.text(guest.management, 'publish')
  const name = guest.client.userId.slice(1).split(':')[0] ?? ''
  return enter(guest.client, `${name} on the fediverse`)
}

/** What every message of the bridge has: who is named, and notices from the bot alone. */
export function faultsOf(events: readonly MatrixEvent[], botId: string): readonly string[] {
  return events
    .filter((event) => isMessage(event) && Object.keys(event.content).length > 0)
    .filter(({ sender }) => sender === botId || sender.startsWith('@_ap_'))
    .flatMap((event) => {
      const faults: string[] = []
      const { content, sender } = event
      if (typeof content['m.mentions'] !== 'object') faults.push('m.mentions')
      if (sender === botId && content['msgtype'] !== 'm.notice') faults.push('m.notice')
      const original = (content['m.new_content'] ?? content) as Record<string, unknown>
      if (sender !== botId && original['external_url'] === undefined) faults.push('external_url')
      return faults.map((fault) => `${fault} of ${bodyOf(event)}`)
    })
}
