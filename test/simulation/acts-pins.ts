import type { Account, Sent } from '../fakes/fediverse.ts'
import type { Posted, Written } from './ledger.ts'
import { ownPosts, someAccount } from './acts-fediverse.ts'
import { someUser } from './acts-matrix.ts'
import { isIn, profileOf, type Act, type Stage } from './stage.ts'

const pathOf = ({ username }: Account): string => `/collections/${username}`
const featuredOf = (account: Account): string => `https://${account.host}${pathOf(account)}`

/** What GET answers for the pins of an account. */
function showPins(account: Account, { world, ledger }: Stage): void {
  const pinned = ledger.posted.filter((p) => p.by === account && p.pin?.isPinned && !p.isDeleted)
  const orderedItems = pinned.map(({ object }) => object)
  const document = { id: featuredOf(account), type: 'OrderedCollection', orderedItems }
  const bytes = Buffer.from(JSON.stringify(document))
  const file = { bytes, type: 'application/activity+json' }
  world.fediverse.server(account.host).files.set(pathOf(account), file)
}

/** Accounts have a profile with pins from the beginning on. */
export function offerPins(stage: Stage): void {
  for (const account of stage.accounts) {
    account.profile = { ...account.profile, featured: featuredOf(account) }
    showPins(account, stage)
  }
}

function changeOf({ by, object, pin }: Posted, stage: Stage): Sent {
  const type = pin?.isPinned === true ? 'Add' : 'Remove'
  const id = `${object}#${type}-${stage.ledger.nextMark()}`
  const actor = by.id
  return by.sign({ id, type, actor, object, target: featuredOf(by) })
}

export const pinPost: Act = async (stage) => {
  const account = someAccount(stage)
  const { chance, world } = stage
  const isOpen = ({ visibility, isReply }: Posted): boolean =>
    !isReply && (visibility === 'public' || visibility === 'unlisted')
  const posted = account && chance.pick(ownPosts(account, stage).filter(isOpen))
  if (account === undefined || posted === undefined) return undefined
  const isPinned = posted.pin?.isPinned !== true
  posted.pin = { isPinned, at: world.time.now() }
  showPins(account, stage)
  world.senders.send(changeOf(posted, stage))
  return `${account.handle} ${isPinned ? 'pins' : 'unpins'} ${posted.mark}`
}

export const pinMessage: Act = async (stage) => {
  const user = someUser(stage)
  const profile = user && (await profileOf(user, stage))
  if (user === undefined || profile === undefined || !isIn(user, profile.roomId)) return undefined
  const { ledger, chance, world } = stage
  const own = ledger.written.filter(
    (w) => w.by === user && w.roomId === profile.roomId && w.kind === 'profile' && !w.isDeleted,
  )
  const written = chance.pick(own)
  if (written === undefined) return undefined
  const isPinned = written.pin?.isPinned !== true
  written.pin = { isPinned, at: world.time.now() }
  const pinned = own.filter(({ pin }: Written) => pin?.isPinned === true)
  user.setState(profile.roomId, 'm.room.pinned_events', {
    pinned: pinned.map(({ eventId }) => eventId),
  })
  return `${user.userId} ${isPinned ? 'pins' : 'unpins'} ${written.mark}`
}
