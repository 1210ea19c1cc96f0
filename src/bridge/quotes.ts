import type { Action } from '../model/action.ts'
import type { Deps } from './ports.ts'
import type { LocalActor } from '../model/actor.ts'
import type { OwnStamp } from '../model/quote.ts'
import { handleOfActor } from './follows.ts'
import { newActivityId } from './new-ids.ts'

/** Somebody's post that quotes one of a user's, by that user's permission. */
export type GivenQuote = { readonly stamp: OwnStamp; readonly handle: string; readonly url: string }

/** Newest first. */
export async function quotesOfUser({ id }: LocalActor, deps: Deps): Promise<readonly GivenQuote[]> {
  const stamps = await deps.store.stampsBy(id)
  return Promise.all(
    stamps.map(async (stamp) => {
      const quoting = await deps.store.findObject(stamp.interactingObject)
      const url = quoting?.url ?? stamp.interactingObject
      return { stamp, handle: await handleOfActor(stamp.quoter, deps), url }
    }),
  )
}

/** Takes a permission back: its URL is gone, and everybody who may show the quote is told. */
export async function revokeQuote(stamp: OwnStamp, deps: Deps): Promise<readonly Action[]> {
  const { id, attributedTo: author, quoter, interactionTarget: quoted } = stamp
  const followers = `${author}/followers`
  const key = `requote ${quoted} ${id}`
  const requote = {
    kind: 'upkeep',
    key,
    lane: `upkeep:requote ${quoted}`,
    payload: JSON.stringify({ type: 'requote', of: id }),
  } as const
  return [
    {
      do: 'publish',
      activity: {
        type: 'revoke-quote',
        id: newActivityId(deps),
        actor: author,
        stamp,
        to: [quoter],
        cc: [followers],
      },
      recipients: [quoter],
      toFollowers: true,
      // Who may have been shown the quote has been sent the post, or follows who quotes.
      inboxes: await deps.store.recipientsOf(quoted),
      order: stamp.interactingObject,
    },
    {
      do: 'commit',
      changes: [
        { change: 'revoke-stamp', id, at: deps.clock.now() },
        { change: 'enqueue', job: requote },
      ],
    },
  ]
}
