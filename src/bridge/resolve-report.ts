import type { Activity, Complaint } from '../model/activity.ts'
import type { ActorId, ObjectId } from '../model/ids.ts'
import type { Deps } from './ports.ts'
import type { KnownForMatrix } from '../translate/known.ts'
import { asActorId, asObjectId } from '../model/ids.ts'
import { dayOfReports } from '../translate/reports.ts'
import { isOwnId } from './new-ids.ts'

type Named = { readonly accounts: Set<ActorId>; readonly posts: Set<ObjectId> }

/** The account at its id, or at its page. */
async function accountAt(id: string, { store, identity }: Deps): Promise<ActorId | undefined> {
  const page = `${identity.publicUrl}/@`
  const actor = id.startsWith(page)
    ? await store.findLocalActorByUsername(id.slice(page.length))
    : await store.findLocalActor(asActorId(id))
  return actor?.id
}

/** Whoever wrote a post that somebody complains about is complained about too. */
async function addNamed(id: string, { accounts, posts }: Named, deps: Deps): Promise<void> {
  const account = await accountAt(id, deps)
  if (account !== undefined) accounts.add(account)
  const post = account === undefined ? await deps.store.findObject(asObjectId(id)) : undefined
  if (post?.isLocal !== true) return
  posts.add(post.id)
  accounts.add(post.author)
}

/** Of all that a complaint names, what is ours. */
async function ours({ objects, named }: Complaint, deps: Deps): Promise<Named> {
  const found: Named = { accounts: new Set(), posts: new Set() }
  for (const id of [...objects, ...named]) if (isOwnId(id, deps)) await addNamed(id, found, deps)
  return found
}

/** What a complaint is about, of ours, and how many of them there are. */
export async function resolveReport(
  activity: Activity,
  deps: Deps,
): Promise<Pick<KnownForMatrix, 'reported'>> {
  if (activity.type !== 'flag') return {}
  const { accounts, posts } = await ours(activity.complaint, deps)
  const { host } = new URL(activity.actor)
  const since = deps.clock.now() - dayOfReports
  return {
    reported: {
      accounts: [...accounts],
      posts: [...posts],
      ofHost: await deps.store.countReportsOf({ host }, since),
      open: await deps.store.countOpenReports(),
    },
  }
}
