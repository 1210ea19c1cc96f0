import { isIn, portalOf, type Act } from './stage.ts'

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
  world.homeserver.shutDown(roomId, {
    purge: false,
    first: chance.happens(0.3) ? readers : [],
    isUnheard: chance.happens(0.3),
  })
  ledger.closed.set(roomId, world.time.now())
  return `the admin closes ${roomId}, where ${account.handle} is read`
}
