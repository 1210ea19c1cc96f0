import type { RoomId, UserId } from '../../src/model/ids.ts'
import { isIn, portalOf, type Act, type Stage } from './stage.ts'

/** Who left it, and the bridge has not heard of that. */
async function goneUnheard(roomId: RoomId, { users, world }: Stage): Promise<readonly UserId[]> {
  const gone: UserId[] = []
  for (const { userId } of users) {
    const known = await world.store.findMembership(roomId, userId)
    const hasLeft = world.homeserver.members(roomId, 'leave').includes(userId)
    if (hasLeft && known !== 'leave') gone.push(userId)
  }
  return gone
}

/**
 * The admin of the homeserver closes the room of an account: everybody leaves it in their own name,
 * we among them, and its alias leads there for ever. What stands in it stays, to be looked at.
 */
export const closeRoom: Act = async (stage) => {
  const { chance, users, ledger, world } = stage
  const account = chance.pick(stage.accounts)
  const roomId = account && (await portalOf(account, stage))
  if (account === undefined || roomId === undefined || ledger.closed.has(roomId)) return undefined
  const readers = users.filter((user) => isIn(user, roomId)).map(({ userId }) => userId)
  const first = chance.happens(0.3) ? readers : []
  const isUnheard = chance.happens(0.3)
  const at = world.time.now()
  ledger.closed.set(roomId, { at, inDoubt: isUnheard ? await goneUnheard(roomId, stage) : [] })
  world.homeserver.shutDown(roomId, { purge: false, first, isUnheard })
  return `the admin closes ${roomId}, where ${account.handle} is read`
}
