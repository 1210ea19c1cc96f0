import { command, isSettled, someUser } from './acts-matrix.ts'
import type { Act } from './stage.ts'

/** Another room for the posts of an account; the follow stays as it is. */
export const moveFollow: Act = async (stage) => {
  const user = someUser(stage)
  const follow = stage.chance.pick(
    stage.ledger.follows.filter(
      (f) => f.user === user && f.wants && isSettled(f.user, f.account, stage),
    ),
  )
  if (user === undefined || follow === undefined) return undefined
  const isAtHome = follow.moves.at(-1)?.place === 'home'
  command(user, `home ${isAtHome ? 'remove' : 'add'} ${follow.account.handle}`, stage)
  follow.moves.push({ place: isAtHome ? 'room' : 'home', at: stage.world.time.now() })
  return `${user.userId} reads ${follow.account.handle} ${isAtHome ? 'in its room' : 'at home'}`
}
