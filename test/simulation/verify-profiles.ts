import type { UserId } from '../../src/model/ids.ts'
import type { Account } from '../fakes/fediverse.ts'
import { reaches, type Arrival } from './seen.ts'
import type { InFollow } from './ledger.ts'
import type { Plan } from './storm.ts'
import { ghostOf, portalOf, type Stage } from './stage.ts'

type Said = { readonly name?: unknown; readonly summary?: unknown }

type Told = { readonly arrived: readonly Arrival[]; readonly stage: Stage; readonly plan: Plan }

/** Has followed since before everything that is judged, and nothing came between. */
const isSteady = ({ account, user, undoId }: InFollow, { ledger }: Stage): boolean =>
  undoId === undefined &&
  !ledger.followers.some((f) => f.account === account && f.user === user && f.undoId) &&
  !ledger.blocks.some((b) => b.account === account && b.user === user)

const newest = (userId: UserId, part: 'bio' | 'name', { ledger }: Stage) =>
  ledger.profiles.findLast((change) => change.user.userId === userId && change.part === part)

/** The newest words of a user about themselves are the last ones that their followers hear. */
function verifyPerson(follow: InFollow, { arrived, stage, plan }: Told): string[] {
  const { account, user, actor, id } = follow
  if (account.host === plan.lost || !isSteady(follow, stage)) return []
  const heard = arrived.filter(
    (a) => a.type === 'Update' && a.object === actor && reaches(a, account),
  )
  const said = (heard.at(-1)?.activity['object'] ?? {}) as Said
  const accepted = arrived.find((a) => a.type === 'Accept' && a.object === id)
  const wasThere = ({ at }: { readonly at: number }): boolean =>
    accepted !== undefined && accepted.at < at
  const bio = newest(user.userId, 'bio', stage)
  const own = newest(user.userId, 'name', stage)
  const isBioOwed = bio !== undefined && (heard.length > 0 || wasThere(bio))
  const isNameOwed = own === undefined ? heard.length > 0 : heard.length > 0 || wasThere(own)
  const name = own?.value ?? stage.ledger.names.get(user.userId)
  return [
    ...(isBioOwed && !String(said.summary).includes(bio.value)
      ? [`${account.handle} reads ${String(said.summary)} about ${user.userId}, not ${bio.value}`]
      : []),
    ...(isNameOwed && name !== undefined && said.name !== name
      ? [`${account.handle} knows ${String(said.name)}, who is ${name}`]
      : []),
  ]
}

async function verifyAccount(account: Account, stage: Stage): Promise<string[]> {
  const { ledger, world } = stage
  const { homeserver } = world
  const name = ledger.accountNames.get(account.id)?.name
  const shown = homeserver.profile(ghostOf(account))?.displayname
  const isNamed = name === undefined || shown === undefined || shown === name
  const bio = ledger.accountBios.get(account.id)
  const portal = await portalOf(account, stage)
  const isRoom = portal !== undefined && !ledger.closed.has(portal)
  const topic = isRoom ? JSON.stringify(homeserver.state(portal, 'm.room.topic')) : undefined
  const isDescribed = bio === undefined || topic === undefined || topic.includes(bio)
  return [
    ...(isNamed ? [] : [`the ghost of ${account.handle} is called ${shown}, not ${name}`]),
    ...(isDescribed ? [] : [`the room of ${account.handle} is about ${topic}, not ${bio}`]),
  ]
}

export async function verifyProfiles(
  arrived: readonly Arrival[],
  { stage, plan }: { readonly stage: Stage; readonly plan: Plan },
): Promise<string[]> {
  const told = { arrived, stage, plan }
  const problems = stage.ledger.followers.flatMap((follow) => verifyPerson(follow, told))
  for (const account of stage.accounts) problems.push(...(await verifyAccount(account, stage)))
  return problems
}
