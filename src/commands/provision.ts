import type { Command } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { Follow, ShownIn } from '../model/relation.ts'
import type { UserId } from '../model/ids.ts'
import { handleOf, isPermitted, notEnabled } from '../bridge/actors.ts'
import { followsOfUser } from '../bridge/follows.ts'
import { ensureGhostRow } from '../bridge/ghosts.ts'
import { isOutsider, outsideLine } from '../bridge/outsiders.ts'
import { leftAloneLine } from '../bridge/wishes.ts'
import { perform } from '../bridge/perform.ts'
import { RejectedError } from '../model/errors.ts'
import { displayHandle } from '../model/names.ts'
import { follow } from './follow.ts'
import { findTarget } from './target.ts'
import { unfollow } from './unfollow.ts'
import { withoutRoom } from './without-room.ts'

/** Why nothing came of a request, in words for the user. */
export type Refusal = {
  readonly refused: 'not-permitted' | 'no-account' | 'away' | 'refused'
  readonly text: string
}

export type Account = {
  /** The actor's id. */
  readonly id: string
  readonly handle: string
  /** Who stands for it on Matrix, or is it. */
  readonly userId: UserId
}

export type Identity = { readonly userId: UserId; readonly handle?: string }
export type Following = {
  readonly following: readonly {
    readonly handle: string
    readonly state: Follow['state']
    readonly shownIn: ShownIn
  }[]
}
export type FollowWish = {
  readonly account: string
  readonly isHome: boolean
  readonly withReplies: boolean
  readonly withBoosts: boolean
}

/** What programs may do for a user, as the user does it by commands; each answer is for that user. */
export type Provisioning = {
  readonly whoami: (userId: UserId) => Promise<Identity | Refusal>
  readonly resolve: (userId: UserId, account: string) => Promise<Account | Refusal>
  readonly list: (userId: UserId) => Promise<Following | Refusal>
  /** Says what the command would have; whether it was accepted is told in the user's chat. */
  readonly follow: (userId: UserId, wish: FollowWish) => Promise<{ text: string } | Refusal>
  readonly unfollow: (userId: UserId, account: string) => Promise<{ text: string } | Refusal>
}

const notPermitted: Refusal = { refused: 'not-permitted', text: notEnabled }
const away = (host: string): Refusal => ({ refused: 'away', text: `${host} does not answer.` })

/** The account that a name stands for. */
async function resolve(text: string, deps: Deps): Promise<Account | Refusal> {
  const target = await findTarget(text, deps)
  if (target.kind === 'nobody') {
    const { result } = target
    return 'away' in result ? away(result.away.host) : { refused: 'no-account', text: result.text }
  }
  const { actor } = target
  if (target.kind === 'local')
    return { id: actor.id, handle: handleOf(target.actor, deps), userId: target.actor.userId }
  const alone = await leftAloneLine(target.actor, deps)
  if (alone !== undefined) return { refused: 'refused', text: alone }
  const { userId } = await ensureGhostRow(target.actor, deps)
  return { id: actor.id, handle: displayHandle(target.actor), userId }
}

/** Does what the command does for whoever types it, with no message in any room. */
async function runFor(
  userId: UserId,
  { command, words }: { readonly command: Command; readonly words: readonly [string, ...string[]] },
  deps: Deps,
): Promise<{ text: string } | Refusal> {
  const [account, ...options] = words
  const input = { args: [account], options: new Set(options), values: new Map(), text: '' }
  const nowhere = { eventId: `$asked-${deps.random.id()}`, roomId: '!nowhere' }
  if (command.opensRoom === true && isOutsider(userId, deps))
    return { refused: 'refused', text: outsideLine(userId, deps) }
  const result = await command.run(input, withoutRoom(userId, nowhere, deps))
  if ('away' in result) return away(result.away.host)
  await deps.store.commit(await perform(result.actions ?? [], { isRepeated: false }, deps))
  return { text: result.text }
}

/** A refusal that has words for the user is an answer. */
async function answering<T>(work: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RejectedError && error.tell !== undefined)
      return { refused: 'refused', text: error.tell }
    throw error
  }
}

export function createProvisioning(deps: Deps): Provisioning {
  const permitted = async <T>(userId: UserId, work: () => Promise<T>): Promise<T | Refusal> =>
    isPermitted(userId, deps) ? answering(work) : notPermitted
  return {
    whoami: (userId) =>
      permitted(userId, async () => {
        const actor = await deps.store.findLocalActorByUser(userId)
        return { userId, ...(actor === undefined ? {} : { handle: handleOf(actor, deps) }) }
      }),
    resolve: (userId, account) => permitted(userId, () => resolve(account, deps)),
    list: (userId) =>
      permitted(userId, async () => ({ following: await followsOfUser(userId, deps) })),
    follow: (userId, { account, isHome, withReplies, withBoosts }) => {
      const options = [
        ...(isHome ? ['--home'] : []),
        ...(withReplies ? ['--replies'] : []),
        ...(withBoosts ? [] : ['--no-boosts']),
      ]
      return permitted(userId, () =>
        runFor(userId, { command: follow, words: [account, ...options] }, deps),
      )
    },
    unfollow: (userId, account) =>
      permitted(userId, () => runFor(userId, { command: unfollow, words: [account] }, deps)),
  }
}
