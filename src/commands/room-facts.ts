import type { Answer, Command } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { Participant, Portal } from '../model/portal.ts'
import type { RoomId } from '../model/ids.ts'
import { asRoomAlias, asRoomId } from '../model/ids.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { isOurs } from '../bridge/matrix-ids.ts'
import { quote } from './words.ts'
import { usage } from './command.ts'

/** People of a chat that are named. */
const mostNamed = 20

/** As typed: an id or an alias. Undefined: it is neither, or leads nowhere. */
async function findRoom(text: string, deps: Deps): Promise<RoomId | undefined> {
  if (/^![^\s]{1,254}$/.test(text)) return asRoomId(text)
  if (!/^#[^:\s]+:\S+$/.test(text)) return undefined
  return deps.homeserver.resolveAlias(asRoomAlias(text))
}

/** What is bridged in the room that was typed after that command; or the answer to give. */
export async function findPortal(
  text: string,
  command: Command,
  deps: Deps,
): Promise<Portal | Answer> {
  const roomId = await findRoom(text, deps)
  if (roomId === undefined)
    return /^#/.test(text) ? { text: `${quote(text)} leads to no room.` } : usage(command)
  const portal = await deps.store.findPortalByRoom(roomId)
  return portal ?? { text: `\`${roomId}\` is no room of mine: nothing is bridged there.` }
}

const nameOf = async (one: Participant, deps: Deps): Promise<string> =>
  one.kind === 'actor' ? handleOfActor(one.actorId, deps) : one.userId

/** What a room is for, in words. */
export async function aimOf(portal: Portal, deps: Deps): Promise<string> {
  switch (portal.kind) {
    case 'management':
      return `The chat of ${portal.userId} with me`
    case 'notifications':
      return `The notifications of ${portal.userId}`
    case 'space':
      return `The Space of ${portal.userId}`
    case 'home':
      return `The Home room of ${portal.userId}`
    case 'moderation':
      return 'The room where the admins of this bridge read reports'
    case 'profile':
      return `The public room of ${portal.userId}`
    case 'group':
      return `The group ${await handleOfActor(portal.actorId, deps)}`
    case 'actor':
      return `The room of ${await handleOfActor(portal.actorId, deps)}`
    case 'direct': {
      const names = portal.participants.slice(0, mostNamed).map((one) => nameOf(one, deps))
      return `A private chat of ${(await Promise.all(names)).join(', ')}`
    }
    default:
      return portal satisfies never
  }
}

async function memberLine(roomId: RoomId, deps: Deps): Promise<string> {
  const joined = await deps.store.membersOf(roomId, ['join'])
  const invited = await deps.store.membersOf(roomId, ['invite'])
  const ours = joined.filter((userId) => isOurs(userId, deps))
  const people = joined.length - ours.length
  const isIn = joined.includes(deps.identity.bot)
  const far = ours.length - (isIn ? 1 : 0)
  return `In it: ${people} of Matrix, ${far} of the fediverse, ${isIn ? 'and me' : 'not me'}; invited: ${invited.length}`
}

export const room: Command = {
  name: 'room',
  args: '<room>',
  help: 'Shows what a room is for, and who is in it.',
  more: 'By its id or its address on Matrix. `unbridge` ends what it is for.',
  examples: ['room !abc:example.org', 'room #name:example.org'],
  group: 'Admin',
  permission: 'admin',
  takes: [1, 1],
  doing: () => 'Looking it up.',
  run: async ({ args: [text = ''] }, { deps }) => {
    const portal = await findPortal(text, room, deps)
    if ('text' in portal) return portal
    return { text: [await aimOf(portal, deps), await memberLine(portal.roomId, deps)].join('\n') }
  },
}
